//! How much of the machine's memory a process and its children have taken. Linux tells (proc(5)); elsewhere nobody
//! is asked, and nothing is known.

/// Whether anything can be known here.
pub const IS_KNOWN: bool = cfg!(target_os = "linux");

/// Children of one process that are looked at, and theirs, and so on: more than functions start, and over at once.
#[cfg(target_os = "linux")]
const MAX_PROCESSES: usize = 64;

/// The most that a process and its children, as far as they live, have each taken since they started, together, in
/// bytes. `None`: the process is gone, or nothing can be known.
#[cfg(target_os = "linux")]
pub fn peak(process: u32) -> Option<u64> {
    let mut sum = own_peak(process)?;
    let mut all = vec![process];
    let mut looked_at = 0;
    while let Some(parent) = all.get(looked_at).copied()
        && all.len() < MAX_PROCESSES
    {
        looked_at += 1;
        for child in children(parent) {
            if let Some(peak) = own_peak(child) {
                sum += peak;
                all.push(child);
            }
        }
    }
    Some(sum)
}

/// Nothing.
#[cfg(not(target_os = "linux"))]
pub fn peak(_: u32) -> Option<u64> {
    None
}

/// `VmHWM`: "Peak resident set size". What a process was before it became another program doesn't count.
#[cfg(target_os = "linux")]
fn own_peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

/// What the first thread of a process has started; a kernel that doesn't keep it says nothing.
#[cfg(target_os = "linux")]
fn children(process: u32) -> Vec<u32> {
    let listed = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    listed.unwrap_or_default().split_ascii_whitespace().filter_map(|id| id.parse().ok()).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_a_process_and_its_children_take() {
        let own = peak(std::process::id()).unwrap();
        assert!((1 << 20..1 << 40).contains(&own), "{own}");
        assert_eq!(peak(u32::MAX), None);
        // A shell, and a child of it that fills a variable with 8 MB.
        let fill = "a=$(head -c 8000000 /dev/zero | tr '\\0' x); echo filled; read -r b";
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "sh -c \"$FILL\"; :"]).env("FILL", fill);
        let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = [0; 6];
        shell.stdout.as_mut().unwrap().read_exact(&mut said).unwrap();
        assert_eq!(&said, b"filled");
        let taken = peak(shell.id()).unwrap();
        assert!((8_000_000..200_000_000).contains(&taken), "{taken}");
        drop(shell.stdin.take());
        shell.wait().unwrap();
        assert_eq!(peak(shell.id()), None);
    }
}
