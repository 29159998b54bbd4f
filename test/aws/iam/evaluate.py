"""Decides requests by IAM policies, with the evaluator of MiniStack.

Each line of standard input is JSON: `policies`, `boundary` (both lists of policy documents; an empty boundary is none) and
`requests`, each with `action`, `resource` and `context`, the values of condition keys by their names in lower case. It is
answered with a line: a list of "Allow", "Deny" and "ImplicitDeny" in the order of the requests.
"""

import json
import sys

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document


def decide(request, policies, limits):
    context = EvalContext(
        principal_arn="arn:aws:sts::123456789012:assumed-role/github/test",
        principal_type="AssumedRole",
        principal_account="123456789012",
        action=request["action"],
        resource_arn=request["resource"],
        region="eu-central-1",
        service_context=request["context"],
    )
    return evaluate(context, policies, *limits).decision


for line in sys.stdin:
    given = json.loads(line)
    policies = [parse_policy_document(document) for document in given["policies"]]
    boundary = [parse_policy_document(document) for document in given["boundary"]]
    limits = [boundary] if boundary else []
    print(json.dumps([decide(request, policies, limits) for request in given["requests"]]), flush=True)
