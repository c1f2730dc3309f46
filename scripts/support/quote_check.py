"""One-customer runs of random contracts against `quote`: see scripts/quote-check."""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import yaml

parser = argparse.ArgumentParser()
parser.add_argument("--binary", required=True)
parser.add_argument("--count", type=int, default=1000)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
BINARY = os.path.realpath(options.binary)
YEAR = 2026


def money(draw, most, digits=2):
    return round(draw.uniform(0, most), draw.randint(0, digits))


def tiers(draw):
    bounds = sorted({draw.randint(1, 400) for _ in range(draw.randint(1, 3))})
    made = [{"upTo": bound, "unitPrice": money(draw, 5, 4), "flatFee": money(draw, 20)} for bound in bounds]
    return made + [{"unitPrice": money(draw, 5, 4), "flatFee": money(draw, 20)}]


def charge(draw, meter):
    model = draw.choice(["perUnit", "graduated", "volume", "package", "percentage", "graduatedPercentage"])
    made = {"meter": meter, "model": model}
    if model == "perUnit":
        made["unitPrice"] = money(draw, 5, 6)
    elif model == "package":
        made |= {"packageSize": draw.randint(1, 50), "packagePrice": money(draw, 30)}
    elif model == "percentage":
        made["rate"] = f"{money(draw, 20, 3)}%"
    else:
        made["tiers"] = tiers(draw)
        if model == "graduatedPercentage":
            for tier in made["tiers"]:
                tier["rate"] = f"{min(100, round(20 * tier.pop('unitPrice'), 3))}%"
        if draw.random() < 0.5:
            made["firstTierFlatFee"] = "always"
    if draw.random() < 0.4:
        made["includedUnits"] = draw.randint(0, 100)
    if draw.random() < 0.4:
        made["minimum"] = money(draw, 200)
    if draw.random() < 0.3:
        made["maximum"] = round(made.get("minimum", 0) + money(draw, 400), 2)
    return made


def contract(draw):
    """A price book, a billing period, the first day that is charged for and a usage of each meter: all that `quote` can say."""
    meters = ["alpha", "beta"][: draw.randint(1, 2)]
    book = {"currency": draw.choice(["USD", "EUR", "JPY", "KWD"]), "charges": [charge(draw, meter) for meter in meters]}
    book["charges"].append({"meter": "nothing", "model": "perUnit", "unitPrice": 0})
    if book["currency"] == "JPY":
        # What is priced by the minor unit is whole yen.
        for made in book["charges"][:-1]:
            for key in ("minimum", "maximum", "packagePrice"):
                if key in made:
                    made[key] = round(made[key])
            for tier in made.get("tiers", []):
                tier["flatFee"] = round(tier["flatFee"])
    whole = (lambda amount: round(amount)) if book["currency"] == "JPY" else (lambda amount: amount)
    if draw.random() < 0.6:
        book["recurring"] = [
            {"name": f"fee{index}", "price": whole(money(draw, 300)), "per": draw.choice(["subscription", "seat"]),
             "timing": draw.choice(["inAdvance", "inArrears"])}
            for index in range(draw.randint(1, 2))]
    if draw.random() < 0.3:
        book["minimumSpend"] = whole(money(draw, 500))
    if draw.random() < 0.3:
        book["prepaid"] = {"name": "credits", "amount": max(1, whole(money(draw, 400))), "expiresAfter": draw.randint(1, 12)}
    if draw.random() < 0.3:
        book["proration"] = draw.choice(["none", "seconds", "days"])
    # A billing period begins on the first, or on a day that is agreed, and a trial may be over in it.
    billing_day = 1 if draw.random() < 0.6 else draw.randint(2, 28)
    month = draw.randint(1, 12)
    begins = datetime.date(YEAR, month, billing_day)
    ends = datetime.date(YEAR + month // 12, month % 12 + 1, billing_day)
    first = begins if draw.random() < 0.4 else begins + datetime.timedelta(draw.randrange((ends - begins).days))
    trial = 0 if draw.random() < 0.6 else draw.randint(1, 60)
    usage = {meter: 0 if draw.random() < 0.3 else draw.randint(1, 2000) for meter in meters}
    return book, (begins, ends, billing_day), first, trial, usage, draw.randint(0, 9)


def compare(number):
    draw = random.Random(f"{options.seed}/{number}")
    book, (begins, ends, billing_day), first, trial, usage, seats = contract(draw)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "book.yaml").write_text(yaml.safe_dump(book, sort_keys=False))
        days, charged = (ends - begins).days, (ends - first).days
        command = [BINARY, "quote", "book.yaml", "--contract", "--seats", str(seats), "--days", f"{charged}/{days}", "--format", "json"]
        for meter, quantity in usage.items():
            command += ["--usage", f"{meter}={quantity}"]
        quoted = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if quoted.returncode != 0:
            return f"contract {number}: quote ended with {quoted.returncode}: {quoted.stderr.strip()}"
        load = []
        for meter, quantity in usage.items():
            parts, left = [], quantity
            while left > 0:
                part = min(left, draw.randint(1, max(1, quantity)))
                parts.append(part)
                left -= part
            if not parts:
                continue
            def row(day, part):
                return f"{day}T{draw.randint(0, 23):02}:30:00Z,{part}\n"
            rows = "".join(row(first + datetime.timedelta(draw.randrange(charged)), part) for part in parts)
            # What is used in the trial costs nothing.
            for _ in range(draw.randint(0, 2) if trial else 0):
                rows += row(first - datetime.timedelta(draw.randint(1, trial)), draw.randint(1, 500))
            (folder / f"{meter}.csv").write_text("t,q\n" + "".join(sorted(rows.splitlines(True))))
            load.append({"meter": meter, "trace": {"file": f"{meter}.csv", "timestamp": "t", "quantity": "q"}})
        if not load:
            # A run has a load: here one that costs nothing.
            load = [{"meter": "nothing", "arrivals": {"constant": "1/h"}}]
        scenario = {
            "name": "one-customer", "start": f"{first - datetime.timedelta(trial)}", "horizon": f"{charged + trial}d",
            "entities": [{"name": "us", "currency": book["currency"], "erp": "ideal"}],
            "customers": {"count": 1, "seats": seats, "contracts": "book.yaml"}, "load": load}
        if billing_day > 1:
            scenario["customers"]["billingDay"] = billing_day
        if trial:
            scenario["customers"]["trial"] = f"{trial}d"
        (folder / "scenario.yaml").write_text(yaml.safe_dump(scenario, sort_keys=False))
        run = subprocess.run([BINARY, "run", "scenario.yaml", "--format", "json", "--quiet"], cwd=folder, capture_output=True, text=True)
        what = f"contract {number} of seed {options.seed}"
        if run.returncode != 0:
            return f"{what}: run ended with {run.returncode}: {(run.stderr or run.stdout)[:400]}\n{yaml.safe_dump(book)}"
        record = json.loads(run.stdout)
        billed = sum(
            float(account["debit"] or 0) - float(account["credit"] or 0)
            for account in record["trialBalances"][0]["accounts"] if account["account"] == "assets:receivable"
        ) if record["trialBalances"] else 0
        said = float(json.loads(quoted.stdout)["rounded"])
        if abs(billed - said) > 1e-6:
            return f"{what}: quote says {said}, the run bills {billed}\n{command}\n{yaml.safe_dump(book)}{yaml.safe_dump(scenario)}"
    return None


with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    failures = [text for text in pool.map(compare, range(1, options.count + 1)) if text]
if failures:
    sys.exit("\n".join(failures[:5]) + f"\nquote-check: {len(failures)} of {options.count} contracts are billed otherwise than quoted")
print(f"quote-check: {options.count} random contracts of seed {options.seed} are billed as they are quoted")
