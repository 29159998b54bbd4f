module edge-rag/events

go 1.26.6

require github.com/aws/aws-lambda-go v1.55.1
