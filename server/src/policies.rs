//! The policies that a request can name: the two built in and those of the configuration.

use std::collections::BTreeMap;

use chofuku_engine::policy::{Policy, PolicyFault};

/// Policies by name.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    configured: BTreeMap<String, Policy>,
}

/// Why a policy cannot be configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The name is that of a built-in policy.
    #[error("policy {name}: the name is built in and keeps its meaning; choose another")]
    BuiltIn {
        /// The name.
        name: String,
    },
    /// The policy would see nothing.
    #[error("policy {name}: {fault}")]
    Fault {
        /// The name.
        name: String,
        /// What is wrong.
        fault: PolicyFault,
    },
    /// The name cannot stand in a request.
    #[error("policy {name:?}: a name has 1 to 64 characters")]
    Name {
        /// The name.
        name: String,
    },
}

impl Policies {
    /// The policy of a request that names none.
    pub const DEFAULT: &'static str = "official";

    const BUILT_IN: [&'static str; 2] = [Self::DEFAULT, "extended"];
    const NAME_CHARACTERS_MAX: usize = 64;

    /// The built-in policies and these.
    ///
    /// # Errors
    ///
    /// When a name is that of a built-in policy, empty, or longer than a request may name.
    pub fn new(configured: BTreeMap<String, Policy>) -> Result<Self, PolicyError> {
        for (name, policy) in &configured {
            if Policy::built_in(name).is_some() {
                return Err(PolicyError::BuiltIn { name: name.clone() });
            }
            policy.validate().map_err(|fault| PolicyError::Fault { name: name.clone(), fault })?;
            if !(1..=Self::NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
                return Err(PolicyError::Name { name: name.clone() });
            }
        }
        Ok(Self { configured })
    }

    /// A policy and its name, both living as long as the policies.
    pub fn get(&self, name: &str) -> Option<(&str, &Policy)> {
        if let Some(built_in) = Self::BUILT_IN.into_iter().find(|known| *known == name) {
            return Policy::built_in(built_in).map(|policy| (built_in, policy));
        }
        self.configured.get_key_value(name).map(|(name, policy)| (name.as_str(), policy))
    }

    /// Every policy.
    pub fn all(&self) -> impl Iterator<Item = &Policy> {
        self.named().map(|(_, policy)| policy)
    }

    /// Every policy with its name, the built-in ones first.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Policy)> {
        let built_in = Self::BUILT_IN.into_iter();
        let names = built_in.chain(self.configured.keys().map(String::as_str));
        names.filter_map(|name| self.get(name))
    }

    /// Every name, the built-in ones first.
    pub fn names(&self) -> Vec<String> {
        self.named().map(|(name, _)| name.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(name: &str) -> Result<Policies, PolicyError> {
        Policies::new(BTreeMap::from([(name.to_owned(), Policy::EXTENDED)]))
    }

    #[test]
    fn a_configured_policy_stands_beside_the_built_in_ones() {
        let policies = configured("site").unwrap();
        assert_eq!(policies.names(), ["official", "extended", "site"]);
        assert_eq!(policies.get("site"), Some(("site", &Policy::EXTENDED)));
        assert_eq!(policies.get("official"), Some(("official", &Policy::OFFICIAL)));
        assert_eq!(policies.get("nobody's"), None);
    }

    #[test]
    fn a_policy_that_sees_nothing_is_refused() {
        let blind = Policy { look_back_days: 0, ..Policy::OFFICIAL };
        let refused = Policies::new(BTreeMap::from([("site".to_owned(), blind)])).unwrap_err();
        let name = "site".to_owned();
        assert_eq!(refused, PolicyError::Fault { name, fault: PolicyFault::LookBack });
        let hasty = Policy { default_period_days: 0, ..Policy::OFFICIAL };
        assert!(Policies::new(BTreeMap::from([("site".to_owned(), hasty)])).is_err());
    }

    #[test]
    fn a_built_in_name_keeps_its_meaning() {
        assert_eq!(
            configured("official").unwrap_err(),
            PolicyError::BuiltIn { name: "official".to_owned() }
        );
        assert!(configured("").is_err() && configured(&"x".repeat(65)).is_err());
    }
}
