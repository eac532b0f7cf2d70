# shellcheck shell=bash
# Kubernetes' manifests are YAML, and say what Kubernetes needs to know. No cluster runs them here.

manifests() {
    local run=$work/manifests
    "$program" launch configs/quickstart.toml --device gpu --shards "$shards" --on kubernetes --out "$run" \
        --image 'registry.example/nullsweep:1' >/dev/null
    python3 - "$run/cluster" "$shards" <<'CHECK'
import sys
from pathlib import Path

import yaml

folder, shards = Path(sys.argv[1]), int(sys.argv[2])
job = yaml.safe_load((folder / "job.yaml").read_text())
spec = job["spec"]
assert (job["kind"], spec["completionMode"], spec["completions"]) == ("Job", "Indexed", shards), job
assert spec["backoffLimitPerIndex"] == 3, spec
ignore, fail = spec["podFailurePolicy"]["rules"]
assert ignore == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}, ignore
container = spec["template"]["spec"]["containers"][0]
codes = {"containerName": container["name"], "operator": "NotIn", "values": [75, 130, 137, 143]}
assert fail == {"action": "FailIndex", "onExitCodes": codes}, fail
assert container["command"][:2] == ["nullsweep", "shard"], container
assert container["command"][-2:] == ["--index", "$(JOB_COMPLETION_INDEX)"], container
assert container["resources"]["limits"] == {"nvidia.com/gpu": 1}, container
volume = spec["template"]["spec"]["volumes"][0]
assert volume["persistentVolumeClaim"] == {"claimName": "nullsweep"}, volume
merge = yaml.safe_load((folder / "merge.yaml").read_text())
command = merge["spec"]["template"]["spec"]["containers"][0]["command"]
assert command[:2] == ["nullsweep", "merge"], merge
assert command[3] == container["command"][3] == "/nullsweep/manifests/cluster/plan.json", command
CHECK
}
