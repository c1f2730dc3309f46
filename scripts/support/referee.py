"""Compares hledger's balances with a record's trial balances. Called by scripts/referee."""

import csv
import json
import sys
from decimal import Decimal

folder = sys.argv[1]
hledger = {}
with open(f"{folder}/balances.csv", newline="") as file:
    for row in list(csv.reader(file))[1:]:
        account, balance = row[0], row[1]
        for part in balance.split(", "):
            words = part.split()
            if len(words) == 2:
                hledger[account] = Decimal(words[1])
meterstorm = {}
for ledger in json.load(open(f"{folder}/record.json"))["trialBalances"]:
    for entry in ledger["accounts"]:
        kind, rest = entry["account"].split(":", 1)
        balance = Decimal(entry["debit"] or "0") - Decimal(entry["credit"] or "0")
        meterstorm[f"{kind}:{ledger['entity']}:{rest}"] = balance
accounts = set(hledger) | set(meterstorm)
wrong = [a for a in sorted(accounts) if hledger.get(a, Decimal(0)) != meterstorm.get(a, Decimal(0))]
for account in wrong:
    print(f"{account}: hledger {hledger.get(account)}, Meterstorm {meterstorm.get(account)}")
sys.exit(1 if wrong or not meterstorm else 0)
