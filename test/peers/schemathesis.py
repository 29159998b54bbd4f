"""What the OpenAPI document cannot say, for Schemathesis: https://schemathesis.readthedocs.io/en/stable/guides/extending/"""

from urllib.parse import urlencode

import schemathesis

MAX_QUERY = 8_000  # A server refuses longer request lines with 431, before any code of ours.
MAX_QUESTION = 4_000


@schemathesis.hook
def filter_case(context, case):
    """Query strings are short, the last message is a question, and documents have distinct ids: what JSON Schema cannot demand."""
    if len(urlencode(case.query or {}, doseq=True)) > MAX_QUERY:
        return False
    messages = case.body.get("messages") if isinstance(case.body, dict) else None
    last = messages[-1] if isinstance(messages, list) and messages else None
    if isinstance(last, dict) and not (last.get("role") == "user" and is_question(last.get("content"))):
        return False
    documents = case.body.get("documents") if isinstance(case.body, dict) else None
    if not isinstance(documents, list):
        return True
    ids = [document["id"] for document in documents if isinstance(document, dict) and isinstance(document.get("id"), str)]
    return len(ids) == len(set(ids))


def is_question(content):
    return isinstance(content, str) and content.strip() != "" and len(content.encode("utf-16-le")) // 2 <= MAX_QUESTION
