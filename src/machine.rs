//! What the operating system says of this process and its disk. Reads `/proc` and asks the file system; changes
//! nothing. What cannot be read is `None`: a figure that is missing is no fault of a job.

use std::path::Path;

/// Bytes of a page of memory on x86-64, and what `/proc/self/statm` counts in.
const PAGE_BYTES: u64 = 4096;

/// Ticks a second of the times in `/proc`: `USER_HZ`, which is 100 on x86-64 Linux whatever the kernel's own timer does.
pub const TICKS_PER_SECOND: u64 = 100;

/// The room on the disk that holds a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// Bytes that this process may still write.
    pub free_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}

/// Bytes of memory that this process has in RAM.
pub fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split_whitespace().nth(1)?.parse::<u64>().ok().map(|pages| pages * PAGE_BYTES)
}

/// Processor time of this process so far, all threads together, in ticks.
pub fn processor_ticks() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses and may hold anything; what follows it is numbers.
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Bytes of memory that programs could still have without swapping.
pub fn available_bytes() -> Option<u64> {
    meminfo_bytes("MemAvailable:")
}

fn meminfo_bytes(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// Bytes of memory that this process may use in all: what the machine has, or less where a control group says so.
pub fn memory_bytes() -> Option<u64> {
    let total = meminfo_bytes("MemTotal:")?;
    let group = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let group = group.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    // Each level may set a bound (cgroup v2); `max` sets none.
    let group = Path::new("/sys/fs/cgroup").join(group);
    let levels = group.ancestors().take_while(|path| path.starts_with("/sys/fs/cgroup"));
    let bounds = levels.filter_map(|path| std::fs::read_to_string(path.join("memory.max")).ok()?.trim().parse().ok());
    Some(bounds.fold(total, u64::min))
}

/// The room on the disk that holds `folder`.
pub fn disk(folder: &Path) -> Option<Disk> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(Disk { free_bytes: found.f_bavail * found.f_frsize, total_bytes: found.f_blocks * found.f_frsize })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_time_and_a_disk() {
        let block = vec![1u8; 64 << 20];
        assert!(resident_bytes().unwrap() > block.iter().map(|b| u64::from(*b)).sum());
        let before = processor_ticks().unwrap();
        let begun = std::time::Instant::now();
        let mut sum = 0u64;
        while begun.elapsed() < std::time::Duration::from_millis(120) {
            sum = std::hint::black_box(sum.wrapping_mul(31).wrapping_add(7));
        }
        assert!(processor_ticks().unwrap() > before);
        assert!(available_bytes().unwrap() > 1 << 20);
        assert!(memory_bytes().unwrap() > resident_bytes().unwrap());
        let disk = disk(Path::new("/")).unwrap();
        assert!(disk.free_bytes <= disk.total_bytes && disk.total_bytes > 0);
        assert_eq!(super::disk(Path::new("/no/such/folder")), None);
    }
}
