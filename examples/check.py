"""Checks a drug for a patient: python3 examples/check.py http://127.0.0.1:8080 PATIENT YJ-CODE"""
import json, sys, urllib.request

address, patient, code = sys.argv[1:]
check = {"patient": {"id": patient}, "actor": {"kind": "medical_institution", "code": "1311234567"},
         "consent": {"level": "oral", "recorded_by": "dr-017"},
         "lines": [{"rp": 1, "drug": {"system": "yj", "code": code}, "form": 1, "quantity": "14"}]}
request = urllib.request.Request(address + "/v1/check", json.dumps(check).encode(), {"content-type": "application/json"})
answer = json.load(urllib.request.urlopen(request, timeout=10))
print(answer["outcome"], *(finding["message"]["ja"] for finding in answer["findings"]), sep="\n")
sys.exit(0 if answer["outcome"] == "clear" else 3)  # "incomplete", and any word that is new, is not clear
