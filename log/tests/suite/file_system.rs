//! A real file system that can lose its power or be full: ext4 on a loop device.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

const IMAGE_BYTES: u64 = 64 << 20;
/// `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: the journal is not flushed, so that what
/// was not synced is gone.
const CUT: &str = "import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";

/// An ext4 image that is mounted or not. It is unmounted when it goes.
pub(crate) struct FileSystem {
    directory: TempDir,
    mounted: bool,
}

impl FileSystem {
    /// A new one; none, and a line that says so, where this machine does not allow it.
    pub(crate) fn new() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let image = directory.path().join("image");
        File::create(&image).unwrap().set_len(IMAGE_BYTES).unwrap();
        fs::create_dir(directory.path().join("mount")).unwrap();
        let mut file_system = Self { directory, mounted: false };
        let allowed = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
            && run("mkfs.ext4", &["-q".as_ref(), &image])
            && run("python3", &["-c".as_ref(), "import fcntl".as_ref()])
            && file_system.mount();
        if !allowed {
            println!("NOT RUN: needs root, mkfs.ext4, loop devices and python3");
        }
        allowed.then_some(file_system)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().join("mount")
    }

    /// Mounts it, and says whether that went well.
    pub(crate) fn mount(&mut self) -> bool {
        let image = self.directory.path().join("image");
        self.mounted = run("mount", &["-o".as_ref(), "loop".as_ref(), &image, &self.root()]);
        self.mounted
    }

    /// Everything that is not synced is gone, and every later call fails.
    pub(crate) fn cut_power(&self) -> bool {
        run("python3", &["-c".as_ref(), CUT.as_ref(), &self.root()])
    }

    /// Unmounts it, and says whether that went well.
    pub(crate) fn unmount(&mut self) -> bool {
        // A process that is just being started elsewhere may hold a file of ours for a moment.
        for _ in 0..100 {
            if !self.mounted || run("umount", &[&self.root()]) {
                self.mounted = false;
                return true;
            }
            thread::sleep(Duration::from_millis(100));
        }
        false
    }
}

impl Drop for FileSystem {
    fn drop(&mut self) {
        if !self.unmount() {
            run("umount", &["-l".as_ref(), &self.root()]);
        }
    }
}

fn run(program: &str, arguments: &[&Path]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
