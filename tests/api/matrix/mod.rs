//! Matrices, generated: who may see what, where and when; and that no spelling of a path opens what a key may not see.

mod articles;
mod paths;
mod surfaces;
mod visibility;

use xabar::access::Scope;

/// Every kind of caller: nobody in particular, and the holder of each scope alone.
pub fn callers() -> Vec<Option<Scope>> {
    use strum::VariantArray;
    std::iter::once(None).chain(Scope::VARIANTS.iter().copied().map(Some)).collect()
}
