"""`phoenix_serve.py PORT GRPC_PORT`: `phoenix serve`, which takes its ports from the environment alone."""

import os
import sys

os.environ["PHOENIX_PORT"], os.environ["PHOENIX_GRPC_PORT"] = sys.argv[1:3]
sys.argv[1:] = ["serve"]

from phoenix.server.main import main

main()
