# SPDX-License-Identifier: Apache-2.0
"""Prints the SDL: `python -m server.schema > schema.graphql`."""

import sys

from server.schema import build_schema

sys.stdout.write(build_schema().as_str() + "\n")
