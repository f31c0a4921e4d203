//! The order in which settings are written: the hub's own first, then the running class's, then its bases', then the
//! rest as it came.

use crate::settings::{self, NoClass};
use crate::source::Loaded;
use crate::write::Document;

/// Puts the settings in order; those of a class stay as they came.
pub(super) fn arrange(loaded: &Loaded, document: &mut Document) {
    let mut first = vec!["JupyterHub".to_owned()];
    match settings::jupyterhub_options(loaded).class {
        Ok(class) => first.extend(class.mro),
        Err(NoClass::Fatal(_) | NoClass::Unknown(_)) => {}
    }
    let mut classes = first;
    for setting in &document.settings {
        if !classes.contains(&setting.class) {
            classes.push(setting.class.clone());
        }
    }
    let place = |class: &str| classes.iter().position(|known| known == class).unwrap_or(usize::MAX);
    document.settings.sort_by_key(|setting| {
        let class = setting.option == "authenticator_class" && setting.class == "JupyterHub";
        (!class, place(&setting.class))
    });
}
