"""`python openai_python.py TASK`: carries out a task of _client.ts with OpenAI's client and prints the result as JSON."""

import json
import sys

import openai

task = json.loads(sys.argv[1])
target, step = task["target"], task["step"]
client = openai.OpenAI(
    base_url=target["baseUrl"],
    api_key=target.get("key", "unused"),
    default_headers=target.get("headers"),
    max_retries=target.get("retries", 0),
)


def stream(cut):
    chunks, pieces = [], 0
    with client.chat.completions.create(**step["request"], stream=True) as events:
        for chunk in events:
            chunks.append(chunk.model_dump(exclude_unset=True))
            pieces += bool(chunk.choices and chunk.choices[0].delta.content)
            if cut and pieces == 3:
                break
    return chunks


def describe(error):
    response = getattr(error, "response", None)
    return {
        "name": type(error).__name__,
        "status": getattr(error, "status_code", None),
        "code": error.code,
        "type": error.type,
        "param": error.param,
        "message": error.message,
        "retryAfter": response.headers.get("retry-after") if response is not None else None,
    }


steps = {
    "chat": lambda: client.chat.completions.create(**step["request"]).model_dump(exclude_unset=True),
    "stream": lambda: stream(cut=False),
    "cut": lambda: stream(cut=True),
    "models": lambda: [model.model_dump(exclude_unset=True) for model in client.models.list()],
    "model": lambda: client.models.retrieve(step["request"]).model_dump(exclude_unset=True),
}

try:
    result = steps[step["do"]]()
except openai.APIError as error:
    result = {"error": describe(error)}
print(json.dumps(result))
