//! One request on its way through a shape.

use super::http::{Request, Response};
use super::{Shape, State};

/// A request, and what it was sent to.
pub(crate) struct Call<'a> {
    pub(crate) state: &'a State,
    pub(crate) shape: &'static Shape,
    pub(crate) request: &'a Request,
    /// The decoded path below the shape's root.
    pub(crate) path: &'a [&'a str],
}

impl Call<'_> {
    /// The method, HEAD counting as the GET that it is.
    pub(crate) fn method(&self) -> &str {
        match self.request.method.as_str() {
            "HEAD" => "GET",
            method => method,
        }
    }

    /// The address of the shape's root, without a slash at the end.
    pub(crate) fn base(&self) -> String {
        base(self.state, self.shape)
    }

    /// The answer of `respond` to GET, and to anything else that there is no such method.
    pub(crate) fn get(&self, respond: impl FnOnce() -> Response) -> Response {
        if self.method() == "GET" { respond() } else { Response::method_not_allowed("GET, HEAD") }
    }
}

/// The address of a shape's root, without a slash at the end.
pub(crate) fn base(state: &State, shape: &Shape) -> String {
    let at_root = super::SHAPES.first().is_some_and(|first| first.name == shape.name);
    if at_root { state.root.clone() } else { format!("{}/{}", state.root, shape.name) }
}
