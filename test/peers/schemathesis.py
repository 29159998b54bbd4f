"""What the OpenAPI document cannot say, for Schemathesis: https://schemathesis.readthedocs.io/en/stable/guides/extending/"""

import json
from urllib.parse import urlencode

import schemathesis

MAX_QUERY = 8_000  # A server refuses longer request lines with 431, before any code of ours.
MAX_MESSAGES = 100


@schemathesis.hook
def map_case(context, case):
    """
    The last message is a question of the user: what comes before it is as it was generated. Few names are models of a chat.
    """
    if not isinstance(case.body, dict):
        return case
    messages = case.body.get("messages")
    if isinstance(messages, list) and messages:
        before = messages[:-1] if len(messages) == MAX_MESSAGES else messages
        case.body = {**case.body, "messages": [*before, {"role": "user", "content": "How?"}]}
    if isinstance(case.body.get("model"), str):
        case.body = {**case.body, "model": "edge-rag"}
    return case


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
