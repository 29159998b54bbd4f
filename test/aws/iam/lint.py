"""Lints the IAM policy on standard input with parliament, and writes its findings as a JSON list of strings."""

import json
import sys
import warnings

# Its way of finding its own files is deprecated.
warnings.simplefilter("ignore")

import parliament  # noqa: E402

findings = parliament.analyze_policy_string(sys.stdin.read()).findings
json.dump([f"{finding.issue} {finding.detail}" for finding in findings], sys.stdout)
