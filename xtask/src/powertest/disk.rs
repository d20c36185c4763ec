//! A disk whose power can be cut: ext4 in a file, mounted through a loop device.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rustix::{fs::statvfs, ioctl};

use crate::{
    step::run,
    tools::{self, is_root},
};

/// Sparse: the file takes what is written to it.
const SIZE_BYTES: u64 = 2 << 30;
const LOOP_CONTROL: &str = "/dev/loop-control";

const LONGEST_USE: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// `_IOR('X', 125, __u32)` of Linux's `include/uapi/linux/fs.h`, once ext4's alone: nothing reaches the disk any more.
const FS_IOC_SHUTDOWN: ioctl::Opcode = 0x8004_587d;
/// Neither the journal nor anything else that waits in memory is written first.
const FS_SHUTDOWN_FLAGS_NOLOGFLUSH: u32 = 2;

/// A mounted file system. It is unmounted with this value.
pub(super) struct Disk {
    image: PathBuf,
    mount_point: PathBuf,
}

/// Why no disk can be made on this machine.
pub(crate) fn obstacle() -> Option<&'static str> {
    if env::consts::OS != "linux" {
        Some("it needs Linux")
    } else if !is_root() || !may_mount() {
        Some("it needs root, and the right to mount")
    } else if !Path::new(LOOP_CONTROL).exists() {
        Some("it needs loop devices, and there is no /dev/loop-control")
    } else if tools::program("mkfs.ext4").is_none() {
        Some("it needs mkfs.ext4: install e2fsprogs")
    } else {
        None
    }
}

/// Root in a container often lacks CAP_SYS_ADMIN, bit 21 of capabilities(7).
fn may_mount() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = effective.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
    effective.is_some_and(|capabilities| capabilities >> 21 & 1 == 1)
}

impl Disk {
    /// Makes an empty one in `folder`, in the place of an earlier one.
    pub(super) fn make(folder: &Path) -> Result<Self> {
        let (image, mount_point) = (folder.join("disk.img"), folder.join("mounted"));
        fs::create_dir_all(&mount_point)?;
        File::create(&image)?.set_len(SIZE_BYTES)?;
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
        mount(&image, &mount_point)?;
        Ok(Self { image, mount_point })
    }

    /// Where its files are.
    pub(super) fn path(&self) -> &Path {
        &self.mount_point
    }

    /// From now on nothing is written to the disk, and every write and sync fails.
    #[expect(unsafe_code, reason = "no crate knows this ioctl; the kernel reads the four bytes behind the pointer")]
    pub(super) fn cut_power(&self) -> Result<()> {
        let root = File::open(&self.mount_point)?;
        // SAFETY: the opcode says that its argument is a pointer to a u32, which is what `Setter` passes.
        let cut =
            unsafe { ioctl::ioctl(&root, ioctl::Setter::<FS_IOC_SHUTDOWN, u32>::new(FS_SHUTDOWN_FLAGS_NOLOGFLUSH)) };
        cut.context("the file system does not shut down")
    }

    /// What a start after a power cut does: memory forgets the file system, and its journal is played back.
    pub(super) fn mount_again(&self) -> Result<()> {
        self.unmount()?;
        mount(&self.image, &self.mount_point)
    }

    /// A worker of the server that was killed holds its photo until it has read it: some seconds.
    fn unmount(&self) -> Result<()> {
        let until = Instant::now() + LONGEST_USE;
        loop {
            match run(Command::new("umount").arg(&self.mount_point)) {
                Err(error) if Instant::now() > until => return Err(error),
                Err(_) => pause(),
                Ok(_) => return Ok(()),
            }
        }
    }

    pub(super) fn is_half_full(&self) -> Result<bool> {
        let space = statvfs(&self.mount_point)?;
        Ok(space.f_bavail < space.f_blocks / 2)
    }

    /// Puts the disk aside for somebody to look at, and answers where it is.
    pub(super) fn keep(self) -> Result<PathBuf> {
        let kept = self.image.with_file_name("failed.img");
        fs::rename(&self.image, &kept)?;
        Ok(kept)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.unmount().is_err() {
            // It goes as soon as whoever uses it ends.
            let _ = run(Command::new("umount").arg("--lazy").arg(&self.mount_point));
        }
        // One that is kept has another name by now.
        let _ = fs::remove_file(&self.image);
    }
}

fn mount(image: &Path, mount_point: &Path) -> Result<()> {
    run(Command::new("mount").args(["-o", "loop"]).arg(image).arg(mount_point))?;
    let is_mounted = fs::read_to_string("/proc/self/mounts")?.contains(&*mount_point.to_string_lossy());
    ensure!(is_mounted, "{} is not mounted", image.display());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "nothing tells when another process lets go of a file")]
fn pause() {
    thread::sleep(POLL_INTERVAL);
}
