//! The shape of the code: who imports whom, the size of files, no floats among rates, the committed contract.

mod architecture;
mod contract;
mod floats;
mod paths;
mod sizes;

use std::fs;
use std::path::Path;

/// The Rust files below a folder of the package, by their path from its root, with their text.
fn rust_files(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut files) = (vec![root.join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                files.push((from_root(root, &entry), fs::read_to_string(&entry).expect("text")));
            }
        }
    }
    files.sort();
    files
}

fn from_root(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).expect("below the root").to_str().expect("a plain name").to_owned()
}
