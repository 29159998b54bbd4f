/**
 * The longest names that AWS takes, in characters, by type and property. Names that CloudFormation makes up, such as those of
 * roles and of the bucket, are shortened by it.
 */
const LIMITS: Readonly<Record<string, readonly [property: string, characters: number]>> = {
  "AWS::ApiGatewayV2::Api": ["Name", 128],
  "AWS::CloudWatch::Alarm": ["AlarmName", 255],
  "AWS::IAM::Role": ["RoleName", 64],
  "AWS::Lambda::Function": ["FunctionName", 64],
  "AWS::Logs::LogGroup": ["LogGroupName", 512],
  "AWS::S3::Bucket": ["BucketName", 63],
  "AWS::SNS::Topic": ["TopicName", 256],
  "AWS::SQS::Queue": ["QueueName", 80],
};
const STACK_NAME = 128;

interface Resource {
  Type: string;
  Properties?: Readonly<Record<string, unknown>>;
}

/** The names in a template that are too long for AWS, one line each. */
export function tooLongNames(stack: string, resources: Readonly<Record<string, Resource>>): string[] {
  const names = Object.values(resources).flatMap(({ Type, Properties = {} }) => {
    const [property, limit] = LIMITS[Type] ?? [];
    const name = property && Properties[property];
    return typeof name === "string" && limit !== undefined ? [{ kind: Type, name, limit }] : [];
  });
  return [{ kind: "stack", name: stack, limit: STACK_NAME }, ...names]
    .filter(({ name, limit }) => name.length > limit)
    .map(({ kind, name, limit }) => `${kind} ${name}: the name has ${name.length} characters, and AWS takes ${limit}.`);
}
