"""The cases of the login differential, one JSON object a line; always the same ones."""

import json

import cases_callback
import cases_cilogon
import cases_config
import cases_decision
import cases_globus
import cases_google
import cases_multi
import cases_odd
import cases_providers_a
import cases_wire

CASES = [*cases_wire.cases(), *cases_config.cases(), *cases_decision.cases()]
CASES += [*cases_cilogon.cases(), *cases_globus.cases(), *cases_google.cases(), *cases_providers_a.cases(), *cases_multi.cases(), *cases_callback.cases(), *cases_odd.cases()]

if __name__ == "__main__":
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
    for case in CASES:
        print(json.dumps(case))
