//! Each operation on a file fails in turn, and each is the last one before a crash in turn. Whatever was acknowledged is
//! there afterwards, whatever was not is there wholly or not at all, and nothing is left over.
//!
//! The store runs in a process of its own, the example `serve`, with the example `faults` in front of its C library.

mod check;
mod power;
mod process;
mod template;
mod workload;

use std::future::Future;
use std::sync::Arc;

use futures::StreamExt;
use tokio::task::JoinError;

use check::{check_after_restart, check_files, check_objects, check_uploads};
use power::Run;
use process::{Notes, Operation, Process};
use template::Template;

/// Runs at once: each waits for the sweeper most of the time.
const PARALLEL: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_operation_loses_nothing_and_leaves_nothing_half() {
    for template in Template::all().await {
        let is_write = |at: usize| template.operations.get(at - 1).is_some_and(|operation| operation.kind == "write");
        // After one operation is before the next, unless that one is a write, of which a part is done before it.
        let after = template.numbers.iter().filter(|at| is_write(**at + 1)).map(|at| format!("crash-after {at}"));
        let plans = template.numbers.iter().map(|at| format!("crash-before {at}")).chain(after);
        sweep(&template, plans.collect(), |plan| crash(template.clone(), plan)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failed_operation_nothing_more_is_acknowledged_and_reads_go_on() {
    for template in Template::all().await {
        let once = template.numbers.iter().map(|at| format!("eio {at}"));
        // In a row of writes to one file, it is all the same which is the first of those that fail.
        let is_other = |at: usize| at == 1 || template.operations[at - 1] != template.operations[at - 2];
        let on = template.numbers.iter().filter(|at| is_other(**at)).map(|at| format!("eio-on {at}"));
        let plans = once.chain(on);
        sweep(&template, plans.collect(), |plan| fail(template.clone(), plan)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_until_there_is_room() {
    for template in Template::all().await {
        let needs_room = |at: usize| {
            let kind = template.operations[at - 1].kind.as_str();
            matches!(kind, "create" | "write" | "mkdir" | "rename")
        };
        let plans = template.numbers.iter().filter(|at| needs_room(**at)).map(|at| format!("full {at}"));
        sweep(&template, plans.collect(), |plan| fill(template.clone(), plan)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_open_files_refuse_a_request_and_no_later_one() {
    let template = Arc::new(Template::full().await);
    let opens = |at: usize| matches!(template.operations[at - 1].kind.as_str(), "create" | "opendir");
    let plans = template.numbers.iter().filter(|at| opens(**at)).map(|at| format!("too-many {at}"));
    sweep(&template, plans.collect(), |plan| exhaust(template.clone(), plan)).await;
}

async fn exhaust(template: Arc<Template>, plan: String) -> bool {
    let (dir, notes) = (template.copy(), Notes::new());
    let mut model = template.model.clone();
    let mut leftovers = template.leftovers;
    if let Some(mut process) = Process::start(dir.path(), &notes, &plan) {
        let mut faults = usize::from(notes.has_fault());
        for step in &template.steps {
            let mut answer = (step.request)(&process.client).send().await;
            if notes.faults().len() > faults {
                faults = notes.faults().len();
                model.apply(step, answer.status.is_success());
                // The client tries again.
                answer = (step.request)(&process.client).send().await;
            }
            let is_done = answer.status.is_success() || answer.error().1 == "NoSuchUpload";
            assert!(is_done, "{} after {:?}: {}", step.what, notes.faults(), answer.text());
            model.apply(step, true);
            leftovers.trash += step.frees;
            leftovers.settle(&mut process, &notes).await;
        }
        process.stop().await;
    }
    check_after_restart(dir, &model).await;
    notes.has_fault()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_at_any_moment_loses_nothing_and_leaves_nothing_half() {
    for template in Template::all().await {
        let run = Arc::new(Run::record(template.clone()).await);
        sweep(&template, run.cuts(), |cut| run.clone().cut(cut)).await;
    }
}

/// Carries out every plan, and reports all that went wrong. A run tells whether it reached its operation: the sweeper
/// works beside requests, so some runs have fewer of them.
async fn sweep<F: Future<Output = bool> + Send + 'static>(
    template: &Template,
    plans: Vec<String>,
    run: impl Fn(String) -> F,
) {
    let count = plans.len();
    let runs = plans.into_iter().map(|plan| {
        let running = tokio::spawn(run(plan.clone()));
        async move { running.await.map_err(|error| format!("{plan}: {}", text(error))) }
    });
    let outcomes: Vec<Result<bool, String>> = futures::stream::iter(runs).buffer_unordered(PARALLEL).collect().await;
    let reached = outcomes.iter().filter(|outcome| **outcome == Ok(true)).count();
    let problems: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    let what = template.what;
    assert!(problems.is_empty(), "{} runs from {what} went wrong:\n{}", problems.len(), problems.join("\n"));
    assert!(count > 10 && reached * 20 >= count * 19, "from {what}, {reached} of {count} operations were reached");
}

fn text(error: JoinError) -> String {
    let panic = error.into_panic();
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

async fn crash(template: Arc<Template>, plan: String) -> bool {
    let (dir, notes) = (template.copy(), Notes::new());
    let mut model = template.model.clone();
    let mut leftovers = template.leftovers;
    if let Some(mut process) = Process::start(dir.path(), &notes, &plan) {
        leftovers.settle(&mut process, &notes).await;
        for step in &template.steps {
            let answer = (step.request)(&process.client).try_send().await;
            let is_acknowledged = answer.as_ref().is_some_and(|answer| answer.status.is_success());
            assert!(is_acknowledged || notes.has_fault(), "{}: {answer:?}", step.what);
            model.apply(step, is_acknowledged);
            leftovers.trash += step.frees;
            leftovers.settle(&mut process, &notes).await;
            if notes.has_fault() {
                break;
            }
        }
        process.stop().await;
    }
    check_after_restart(dir, &model).await;
    notes.has_fault()
}

async fn fail(template: Arc<Template>, plan: String) -> bool {
    let (dir, notes) = (template.copy(), Notes::new());
    let mut model = template.model.clone();
    let mut leftovers = template.leftovers;
    if let Some(mut process) = Process::start(dir.path(), &notes, &plan) {
        leftovers.settle(&mut process, &notes).await;
        let mut was_refused = false;
        for step in template.steps.iter() {
            if step.needs_previous && was_refused {
                continue;
            }
            let faults = notes.faults();
            let answer = (step.request)(&process.client).send().await;
            if !faults.iter().all(is_harmless) {
                assert_eq!(answer.error(), (503, "ServiceUnavailable".to_owned()), "{} after {faults:?}", step.what);
                continue;
            }
            was_refused = !answer.status.is_success();
            model.apply(step, !was_refused);
            leftovers.trash += step.frees;
            leftovers.settle(&mut process, &notes).await;
        }
        check_objects(&process.client, &model).await;
        check_uploads(&process.client, &model).await;
        process.stop().await;
    }
    check_after_restart(dir, &model).await;
    notes.has_fault()
}

/// What fails here has lost nothing that was or will be acknowledged.
fn is_harmless(operation: &Operation) -> bool {
    let path = &operation.path;
    match operation.kind.as_str() {
        // A file that nobody needs stays: the index goes on calling it trash, the next start finds it in `tmp`. SQLite
        // takes its log away only after it has moved and synced what was in it.
        "unlink" => !path.ends_with("-journal"),
        // SQLite syncs the folder of a new log once more, and keeps an error to itself. The store did it before it
        // served; where that failed, it did not start.
        "opendir" | "sync" => path == "store",
        _ => false,
    }
}

async fn fill(template: Arc<Template>, plan: String) -> bool {
    let (dir, notes) = (template.copy(), Notes::new());
    let mut model = template.model.clone();
    notes.fill_disk();
    let Some(process) = Process::start(dir.path(), &notes, &plan) else {
        assert!(notes.has_fault(), "it does not start");
        check_after_restart(dir, &model).await;
        return true;
    };
    let mut refused = Vec::new();
    let mut was_refused = false;
    for step in &template.steps {
        if !(step.needs_previous && was_refused) {
            let answer = (step.request)(&process.client).send().await;
            model.apply(step, answer.status.is_success());
            was_refused = !answer.status.is_success();
            let error = (507, "InsufficientStorage".to_owned());
            assert!(!was_refused || answer.error() == error, "{}: {} {:?}", step.what, answer.text(), notes.faults());
        }
        if was_refused {
            refused.push(step);
        }
    }
    check_objects(&process.client, &model).await;
    notes.make_room();
    for step in refused {
        let answer = (step.request)(&process.client).send().await;
        assert!(answer.status.is_success(), "{} with room again: {}", step.what, answer.text());
        model.apply(step, true);
    }
    // A write wakes the sweeper.
    assert_eq!(process.client.put("after", "").await.status, 200);
    assert_eq!(process.client.delete("after").await.status, 204);
    // What an earlier crash left behind, the next start clears up.
    if template.leftovers.lost == 0 {
        check_files(&dir.path().join("store")).await;
    }
    process.kill();
    check_after_restart(dir, &model).await;
    true
}
