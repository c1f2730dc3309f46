"""Validates JSON files against a JSON Schema. Called by scripts/reports: validate.py SCHEMA FILE…"""

import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
failed = False
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as file:
        for error in list(validator.iter_errors(json.load(file)))[:5]:
            print(f"{name}: {error.json_path}: {error.message[:200]}", file=sys.stderr)
            failed = True
sys.exit(failed)
