"""Compares hledger's balances with a record's trial balances, and its monthly income statements with the accounting periods of
the journal. Called by scripts/referee."""

import csv
import json
import re
import sys
from collections import defaultdict
from decimal import Decimal

folder = sys.argv[1]


def amount(text):
    """The amount of an account, which has one currency: 'USD 1.50', or '0'."""
    words = text.split()
    return Decimal(words[1]) if len(words) == 2 else Decimal(0)


def own(entity, account):
    """An account as the export names it: the entity below the class."""
    kind, rest = account.split(":", 1)
    return f"{kind}:{entity}:{rest}"


def compare(what, hledger, meterstorm):
    """Prints and returns what differs."""
    keys = sorted(set(hledger) | set(meterstorm))
    wrong = [k for k in keys if hledger.get(k, Decimal(0)) != meterstorm.get(k, Decimal(0))]
    for key in wrong:
        print(f"{what} {key}: hledger {hledger.get(key)}, Meterstorm {meterstorm.get(key)}")
    return wrong


balances = {}
with open(f"{folder}/balances.csv", newline="") as file:
    for row in list(csv.reader(file))[1:]:
        balances[row[0]] = amount(row[1])
trial = {}
for ledger in json.load(open(f"{folder}/record.json"))["trialBalances"]:
    for entry in ledger["accounts"]:
        balance = Decimal(entry["debit"] or "0") - Decimal(entry["credit"] or "0")
        trial[own(ledger["entity"], entry["account"])] = balance

names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
months = {}
with open(f"{folder}/months.csv", newline="") as file:
    rows = list(csv.reader(file))
# The title names the span, the next row the months; within one year without it.
year = re.search(r"\d{4}", rows[0][0]).group()
columns = []
for head in rows[1][1:]:
    if re.fullmatch(r"\d{4}-\d{2}", head):
        columns.append(head)
        continue
    words = head.split()
    columns.append(f"{words[1] if len(words) > 1 else year}-{names.index(words[0]) + 1:02d}")
sign = {"Revenues": -1, "Expenses": 1}
section = 0
for row in rows[2:]:
    if row[0] in sign:
        section = sign[row[0]]
    elif ":" in row[0] and row[0] != "Net:":
        for column, text in zip(columns, row[1:]):
            months[(column, row[0])] = section * amount(text)
periods = defaultdict(Decimal)
for document in json.load(open(f"{folder}/journal.json"))["documents"]:
    for line in document["lines"]:
        if line["account"].split(":")[0] in ("revenue", "expenses"):
            periods[(document["period"], own(document["entity"], line["account"]))] += Decimal(line["amount"])

wrong = compare("balance of", balances, trial) + compare("month of", months, periods)
sys.exit(1 if wrong or not trial else 0)
