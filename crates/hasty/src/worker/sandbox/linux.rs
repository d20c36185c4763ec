//! Landlock (landlock(7)) and seccomp (seccomp(2)).

use std::collections::BTreeMap;
use std::io;

use landlock::{ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus, Scope};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::set_no_new_privs;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

use super::Protections;

/// The newest whose rights this program names; an older kernel keeps those that it knows.
const LANDLOCK: ABI = ABI::V6;

pub(super) fn isolate() -> io::Result<Protections> {
    set_no_new_privs(true)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // Landlock first: the filter refuses its calls.
    let landlock = no_files_and_no_network();
    Ok(Protections { landlock, seccomp: few_calls() })
}

/// Handles every right and grants none.
fn no_files_and_no_network() -> bool {
    let enforced = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(LANDLOCK))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(LANDLOCK)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(LANDLOCK)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    enforced.is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// Any other call fails with EPERM rather than by a signal: what a C library tries now and then must not condemn a photo.
fn few_calls() -> bool {
    let filter = filter().and_then(|filter| BpfProgram::try_from(filter).ok());
    filter.is_some_and(|filter| apply_filter(&filter).is_ok())
}

fn filter() -> Option<SeccompFilter> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH).ok()?;
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    SeccompFilter::new(rules()?, refused, SeccompAction::Allow, architecture).ok()
}

/// Each call with the rules of which one must hold; none are no condition.
fn rules() -> Option<BTreeMap<i64, Vec<SeccompRule>>> {
    let unconditional = [
        // The photo.
        libc::SYS_read,
        libc::SYS_pread64,
        // Memory, as the allocator asks for it.
        libc::SYS_brk,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_madvise,
        // Locks, the seeds of hash maps, clocks.
        libc::SYS_futex,
        libc::SYS_getrandom,
        libc::SYS_clock_gettime,
        libc::SYS_sched_yield,
        // The end, also by a panic or for want of memory.
        libc::SYS_close,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = unconditional.into_iter().map(|call| (call, Vec::new())).collect();
    let execute = libc::PROT_EXEC as u64;
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![rule(2, SeccompCmpOp::MaskedEq(execute), 0)?]);
    }
    for call in [libc::SYS_write, libc::SYS_writev] {
        let to = |descriptor: i32| rule(0, SeccompCmpOp::Eq, descriptor as u64);
        rules.insert(call, vec![to(libc::STDOUT_FILENO)?, to(libc::STDERR_FILENO)?]);
    }
    // abort() signals the process itself.
    rules.insert(libc::SYS_tgkill, vec![rule(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?]);
    Some(rules)
}

fn rule(argument: u8, comparison: SeccompCmpOp, value: u64) -> Option<SeccompRule> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, comparison, value).ok()?;
    SeccompRule::new(vec![condition]).ok()
}
