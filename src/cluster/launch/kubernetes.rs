//! Kubernetes: an Indexed Job and a merge, as manifests only. Nothing is submitted from here.

use std::fmt::Write as _;

use super::quote::yaml;
use super::script::{INTERRUPTED, Purpose, Script, TRANSIENT};
use super::{Job, job};
use crate::cluster::Kind;

/// What the pods are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// An image whose PATH has `nullsweep`.
    pub image: String,
    /// The persistent volume claim that all pods can write.
    pub claim: String,
}

/// Where the claim is seen in a pod.
const MOUNT: &str = "/nullsweep";

/// The array and the merge.
pub(super) fn scripts(job: &Job) -> Vec<Script> {
    vec![
        Script { name: "job.yaml", text: array(job), purpose: Purpose::Data },
        Script { name: "merge.yaml", text: merge(job), purpose: Purpose::Data },
    ]
}

/// The command that waits until the array has ended, well or not. `kubectl wait` waits for one condition, and a job that failed
/// never becomes complete.
pub fn wait_command(job: &Job) -> String {
    format!(
        "until kubectl get job/{} -o jsonpath='{{.status.conditions[?(@.status==\"True\")].type}}' | grep -qwE \
         'Complete|Failed'; do sleep 10; done",
        job.name()
    )
}

/// The plan as pods see it: the run's folder lies in the root of the claim.
fn plan(job: &Job) -> String {
    let folder = job.layout().run().file_name().map_or_else(|| "run".into(), |name| name.to_string_lossy());
    format!("{MOUNT}/{folder}/cluster/plan.json")
}

fn array(job: &Job) -> String {
    let gpu = job.kind() == Kind::Gpu;
    let mut command = String::new();
    let shard = job.shard_command_on("nullsweep", &plan(job));
    for word in shard {
        let _ = writeln!(command, "            - {}", literal(&word));
    }
    // Kubernetes itself puts in the number of the index.
    command.push_str("            - \"--index\"\n            - \"$(JOB_COMPLETION_INDEX)\"\n");
    let at_a_time = job.options().jobs.unwrap_or_else(|| job.shards()).min(job.shards());
    format!(
        "# {count} shards as an Indexed Job; a pod is one shard, whose part may be there already: it then ends at once.\n\
         # 1. Copy the run's folder {run} into the root of the claim {claim}\n\
         #    (data files that the config names: to the same paths in the image).\n\
         # 2. kubectl apply -f job.yaml\n\
         # 3. Wait until it has ended, well or not, which `kubectl wait` cannot:\n\
         #    {wait}\n\
         # 4. kubectl apply -f merge.yaml; it makes the tables, or says which shards are missing and why.\n\
         # Again, for what is missing: kubectl delete --ignore-not-found job {name} {merge}, and on from 2.\n\
         apiVersion: batch/v1\n\
         kind: Job\n\
         metadata:\n  name: {name}\n\
         spec:\n  \
           completionMode: Indexed\n  \
           completions: {count}\n  \
           parallelism: {at_a_time}\n  \
           # Attempts at one shard beyond the first; the other shards go on.\n  \
           backoffLimitPerIndex: 3\n  \
           maxFailedIndexes: {count}\n  \
           podFailurePolicy:\n    \
             rules:\n      \
               # A node that was drained or lost: does not count.\n      \
               - action: Ignore\n        \
                 onPodConditions:\n          \
                   - type: DisruptionTarget\n      \
               # Counted above: {TRANSIENT} may pass; {INTERRUPTED} is a shard that was told to stop, by a drain or a\n      \
               # preemption; 137 and 143 are kills. Anything else is for good.\n      \
               - action: FailIndex\n        \
                 onExitCodes:\n          \
                   containerName: shard\n          \
                   operator: NotIn\n          \
                   values: [{TRANSIENT}, {INTERRUPTED}, 137, 143]\n  \
           template:\n    \
             spec:\n      \
               restartPolicy: Never\n      \
               containers:\n        \
                 - name: shard\n          \
                   image: {image}\n          \
                   command:\n{command}{resources}{mount}",
        count = job.shards(),
        run = yaml(&job.layout().run().display().to_string()),
        claim = yaml(&job.options().image.claim),
        name = job.name(),
        merge = job.merge_name(),
        wait = wait_command(job),
        image = yaml(&job.options().image.image),
        resources = resources(job.threads(), gpu),
        mount = mount(job),
    )
}

/// A word of a command, in which Kubernetes is to replace nothing.
fn literal(word: &str) -> String {
    yaml(&word.replace("$(", "$$("))
}

/// CPUs, and one GPU with what Vulkan needs of NVIDIA's driver.
fn resources(threads: usize, gpu: bool) -> String {
    let cpu =
        format!("          resources:\n            requests:\n              cpu: {}\n", yaml(&threads.to_string()));
    if !gpu {
        return cpu;
    }
    format!(
        "          env:\n            \
           # Without graphics, the container has CUDA and no Vulkan.\n            \
           - name: NVIDIA_DRIVER_CAPABILITIES\n              \
             value: compute,graphics,utility\n\
         {cpu}            \
           limits:\n              \
             nvidia.com/gpu: 1\n"
    )
}

fn mount(job: &Job) -> String {
    format!(
        "          volumeMounts:\n            \
           - name: runs\n              \
             mountPath: {MOUNT}\n      \
         volumes:\n        \
           - name: runs\n          \
             persistentVolumeClaim:\n            \
               claimName: {}\n",
        yaml(&job.options().image.claim)
    )
}

fn merge(job: &Job) -> String {
    let mut command = String::new();
    for word in job.merge_command_on("nullsweep", &plan(job)) {
        let _ = writeln!(command, "            - {}", literal(&word));
    }
    format!(
        "# Makes the tables of all parts, or says which are missing and why: kubectl logs job/{name}\n\
         apiVersion: batch/v1\n\
         kind: Job\n\
         metadata:\n  name: {name}\n\
         spec:\n  \
           backoffLimit: 0\n  \
           template:\n    \
             spec:\n      \
               restartPolicy: Never\n      \
               containers:\n        \
                 - name: merge\n          \
                   image: {image}\n          \
                   command:\n{command}{mount}",
        name = job::merge_name(job.name()),
        image = yaml(&job.options().image.image),
        mount = mount(job),
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::Options;
    use super::super::job::tests::job;
    use super::*;

    #[cfg(unix)]
    #[test]
    fn waiting_ends_when_the_job_has_ended_either_way_and_not_before() {
        let job = job("/r", "cpu", Options::default()).unwrap();
        for (conditions, code) in
            [("SuccessCriteriaMet Complete", 0), ("FailureTarget Failed", 0), ("FailureTarget", 9), ("", 9)]
        {
            // `sleep` ends the shell: it is reached only by a job that has not ended.
            let script = format!("kubectl() {{ echo '{conditions}'; }}; sleep() {{ exit 9; }}; {}", wait_command(&job));
            let ended = std::process::Command::new("sh").args(["-c", &script]).status().unwrap();
            assert_eq!(ended.code(), Some(code), "{conditions}");
        }
    }

    #[test]
    fn the_manifests_are_as_kubernetes_takes_them() {
        let image = Image { image: "registry.example/nullsweep:0.1".to_owned(), claim: "runs: \"all\"".to_owned() };
        let options = Options { image, jobs: Some(2), ..Options::default() };
        let job = job("/home/me/it's here", "gpu", options).unwrap();
        let all = super::super::script::all(&scripts(&job));
        insta::assert_snapshot!(all.replace(job.name(), "NAME"));
    }
}
