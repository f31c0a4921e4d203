//! Lists that come in pages: short ones, so that whoever reads only the first is found out.

use super::call::Call;

/// How much of a list comes at once.
const PAGE: usize = 2;

/// One page of a list.
pub(crate) struct Page<'a, T> {
    pub(crate) items: &'a [T],
    /// Its number, the first being 1.
    pub(crate) number: usize,
    pub(crate) last: usize,
}

impl<T> Page<'_, T> {
    /// The number of the page after it.
    pub(crate) fn next(&self) -> Option<usize> {
        (self.number < self.last).then_some(self.number + 1)
    }
}

/// The number of the page that is asked for.
pub(crate) fn asked(call: &Call<'_>) -> usize {
    let number = ["page", "pageToken"].into_iter().find_map(|name| call.request.query.get(name));
    number.and_then(|number| number.parse().ok()).unwrap_or(1).max(1)
}

/// The page of `items` that is asked for; empty beyond the end.
pub(crate) fn page<'a, T>(call: &Call<'_>, items: &'a [T]) -> Page<'a, T> {
    let (number, last) = (asked(call), items.len().div_ceil(PAGE).max(1));
    let start = (number - 1).saturating_mul(PAGE).min(items.len());
    let end = start.saturating_add(PAGE).min(items.len());
    Page { items: &items[start..end], number, last }
}
