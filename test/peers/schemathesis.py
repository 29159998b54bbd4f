"""What the OpenAPI document cannot say, for Schemathesis: https://schemathesis.readthedocs.io/en/stable/guides/extending/"""

import json
import os
import re
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import schemathesis

MAX_QUERY = 8_000  # A server refuses longer request lines with 431, before any code of ours.
MAX_MESSAGES = 100
MAX_TOKEN = 200


@schemathesis.hook
def map_case(context, case):
    """
    The last message is a question of the user: what comes before it is as it was generated. Few names are models of a chat.
    A rating is one of an answer that was given.
    """
    if not isinstance(case.body, dict):
        return case
    if case.operation.path == "/feedback" and names_answer(case.body):
        case.body = {**case.body, **answer()}
    messages = case.body.get("messages")
    if isinstance(messages, list) and messages:
        before = messages[:-1] if len(messages) == MAX_MESSAGES else messages
        case.body = {**case.body, "messages": [*before, {"role": "user", "content": "How?"}]}
    if isinstance(case.body.get("model"), str):
        case.body = {**case.body, "model": "edge-rag"}
    return case


def names_answer(body):
    """Whether trace id and token are as the document says."""
    trace_id, token = body.get("trace_id"), body.get("token")
    return (
        isinstance(trace_id, str)
        and re.fullmatch("[0-9a-f]{32}", trace_id)
        and isinstance(token, str)
        and len(token) <= MAX_TOKEN
    )


def answer():
    """What a rating says of an answer of its own, or nothing when the caller gets none."""
    url = os.environ["SCHEMATHESIS_SERVER"]
    sent = {"content-type": "application/json", **json.loads(os.environ["SCHEMATHESIS_HEADERS"])}
    try:
        with urlopen(Request(f"{url}/query", json.dumps({"question": "How?"}).encode(), sent)) as response:
            body = json.load(response)
    except HTTPError:
        return {}
    return {"trace_id": body["trace_id"], "token": body["feedback_token"]}


@schemathesis.hook
def filter_case(context, case):
    """
    Query strings are short, no key is __proto__, also where unknown ones are ignored, and documents have distinct ids; JSON
    Schema can only demand distinct documents.
    """
    if len(urlencode(case.query or {}, doseq=True)) > MAX_QUERY:
        return False
    if isinstance(case.body, dict) and '"__proto__"' in json.dumps(case.body):
        return False
    # A place within a document is one that an earlier response named.
    if case.operation.path == "/embed/{document_id}" and "cursor" in (case.query or {}):
        return False
    documents = case.body.get("documents") if isinstance(case.body, dict) else None
    if not isinstance(documents, list):
        return True
    ids = [document["id"] for document in documents if isinstance(document, dict) and isinstance(document.get("id"), str)]
    return len(ids) == len(set(ids))
