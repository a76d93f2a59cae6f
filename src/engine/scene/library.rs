//! Libraries: packs of 3D models that the operator brings beside those of the binary, and whose their things are.
//!
//! Owns what a library must have (a name, an author, a licence and a source for each thing) and the credit that a
//! picture of one carries. Where its files lie and that they are whole is the business of `engine::packs`.

use std::{collections::BTreeSet, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};

use super::pack::{Pack, PackModel};
use crate::engine::{EngineError, ModelInfo, RunContext};

/// How the files of a library end.
pub const ENDING: &str = ".pack";
/// No word about a thing is longer, in bytes.
const WORDS_BYTES_MAX: usize = 400;

/// Whose something in a picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Which thing: the `entry` of a plan's subject.
    pub entry: String,
    /// What its author called it.
    pub title: String,
    /// Who made it.
    pub author: String,
    /// SPDX licence.
    pub licence: String,
    /// Where it is from.
    pub source: String,
    /// All of this in one line, to show beside the picture.
    pub text: String,
}

impl Credit {
    /// The credit of a model that plans call `entry`.
    pub fn of(entry: String, model: &PackModel) -> Self {
        let PackModel { title, author, licence, source, .. } = model;
        let text = format!("\"{title}\" by {author} ({source}), {licence}, adapted");
        let [title, author, licence, source] = [title, author, licence, source].map(Clone::clone);
        Self { entry, title, author, licence, source, text }
    }
}

/// The things of one installed pack.
#[derive(Debug)]
pub struct Library {
    /// The pack's name; its things are called `name/id` in plans.
    pub name: String,
    /// The digest of the pack.
    pub digest: String,
    packs: Vec<Arc<Pack<'static>>>,
}

impl Library {
    /// Opens the scene packs among `files` in `folder` and checks that everything in them may be shown.
    ///
    /// # Errors
    /// [`EngineError::Model`], naming the file and the thing.
    pub fn open<'f>(
        (name, digest): (&str, String),
        folder: &Path,
        files: impl IntoIterator<Item = &'f str>,
    ) -> Result<Self, EngineError> {
        let (mut packs, mut ids) = (Vec::new(), BTreeSet::new());
        for file in files.into_iter().filter(|file| is_scene_pack(file)) {
            let refuse = |what: String| EngineError::Model(format!("{file}: {what}"));
            let pack = Pack::open_file(&folder.join(file)).map_err(|e| refuse(e.to_string()))?;
            if !pack.cards().is_empty() {
                return Err(refuse("a library has 3D models; cut-out pictures can't be brought".into()));
            }
            for model in pack.models() {
                check(model).map_err(&refuse)?;
                if !ids.insert(model.id.clone()) {
                    return Err(refuse(format!("{} is there twice", model.id)));
                }
            }
            packs.push(Arc::new(pack));
        }
        if ids.is_empty() {
            return Err(EngineError::Model(format!("no {ENDING} file has a 3D model in it")));
        }
        Ok(Self { name: name.to_owned(), digest, packs })
    }

    /// Decodes everything once: what would fail in a picture fails now.
    pub fn try_out(&self, ctx: &RunContext<'_>) -> Result<(), EngineError> {
        let total = self.count();
        for (done, (pack, model)) in self.packs.iter().flat_map(|p| p.models().iter().map(move |m| (p, m))).enumerate()
        {
            ctx.step(done, total)?;
            pack.geometry(model)?;
            for texture in model.materials.iter().filter_map(|material| material.texture) {
                pack.texture(texture)?;
            }
        }
        ctx.step(total, total)
    }

    /// How many things there are.
    pub fn count(&self) -> usize {
        self.packs.iter().map(|pack| pack.models().len()).sum()
    }

    /// The library as the lists of models have it; `source` is where it is from.
    pub fn describe(&self, source: &str) -> ModelInfo {
        ModelInfo {
            id: self.name.clone(),
            description: format!("{} 3D models that the scene renderer draws from.", self.count()),
            modes: Vec::new(),
            licence: self.licence(),
            source: source.to_owned(),
            digest: self.digest.clone(),
            fields: Vec::new(),
        }
    }

    /// Under which licences its things are, as an SPDX expression.
    pub fn licence(&self) -> String {
        let licences = self.packs.iter().flat_map(|pack| pack.models()).map(|model| model.licence.as_str());
        licences.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" AND ")
    }

    pub(super) fn packs(&self) -> &[Arc<Pack<'static>>] {
        &self.packs
    }
}

/// Whether a file of that name, at the top of a pack, is one of a library's.
pub fn is_scene_pack(name: &str) -> bool {
    !name.contains('/') && name.ends_with(ENDING)
}

/// What a thing must have to be found, shown and credited.
fn check(model: &PackModel) -> Result<(), String> {
    let is_id =
        |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !is_id(&model.id) {
        return Err(format!("`{}` is no id: lower-case letters, digits and hyphens", model.id));
    }
    let fail = |what: &str| Err(format!("{}: {what}", model.id));
    if model.licence.trim().is_empty() {
        return fail("it has no licence");
    }
    if model.author.trim().is_empty() || model.title.trim().is_empty() || model.source.trim().is_empty() {
        return fail("its author, its title or its source is missing, so it can't be credited");
    }
    let said = [&model.name, &model.author, &model.title, &model.licence, &model.source, &model.category];
    let is_plain = |text: &String| text.len() <= WORDS_BYTES_MAX && !text.contains(char::is_control);
    if model.name.trim().is_empty() || !said.into_iter().chain(&model.also).all(is_plain) {
        return fail("a name or a word about it is empty, too long or not printable");
    }
    let is_share = |value: f32| (0.0..=1.0).contains(&value);
    let is_sound = |m: &super::pack::PackMaterial| {
        let shares = [m.roughness, m.specular, m.metallic, m.transmission, m.clearcoat, m.area];
        m.color.into_iter().chain(shares).all(is_share)
    };
    if !model.materials.iter().all(is_sound) {
        return fail("a material is out of range");
    }
    let metres = |cm: f32| (0.001..=100.0).contains(&(cm / 100.0));
    if !model.size_cm.into_iter().all(metres) || !model.yaw_degrees.is_finite() {
        return fail("its size is out of range");
    }
    Ok(())
}
