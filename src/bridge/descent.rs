//! Who came of a process, however often it forked and whatever it cleared: told by the system where it shows its
//! processes in `/proc`.

use std::collections::HashMap;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Kills all that came of `leader`, which is stopped meanwhile so that no more come. It has to be the one that its
/// orphans fall to.
pub fn kill_descendants(leader: Pid) {
    if kill(leader, Signal::SIGSTOP).is_err() {
        return;
    }
    // They may be about to start more, which is seen in the next round.
    for _ in 0..100 {
        let left = descendants(leader.as_raw());
        if left.is_empty() {
            return;
        }
        for process in left {
            let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

/// The living among them.
fn descendants(leader: i32) -> Vec<i32> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Some((state, parent)) = std::fs::read(entry.path().join("stat")).ok().and_then(|stat| state(&stat)) else {
            continue;
        };
        if state != 'Z' {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut found = Vec::new();
    let mut next = vec![leader];
    while let Some(parent) = next.pop() {
        for child in children.remove(&parent).unwrap_or_default() {
            found.push(child);
            next.push(child);
        }
    }
    found
}

/// State and parent out of `/proc/PID/stat`. The name before them stands in parentheses, and may hold anything.
fn state(stat: &[u8]) -> Option<(char, i32)> {
    let text = String::from_utf8_lossy(stat);
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_anything() {
        assert_eq!(state(b"12 (a) b) S 34 1 1 0"), Some(('S', 34)));
        assert_eq!(state(b"12 (a\nZ) Z 7 1"), Some(('Z', 7)));
        assert_eq!(state(b"12"), None);
    }
}
