//! OpenShift and OKD (`oauthenticator/openshift.py`).

use crate::init::{Address, Domains, Endpoints, Groups, Preset, Registration, Shape, Username};

pub(super) static PRESET: Preset = Preset {
    name: "openshift",
    aliases: &["okd"],
    title: "OpenShift",
    class: "OpenShiftOAuthenticator",
    entry_point: "openshift",
    address: Some(Address {
        flag: "--provider-url",
        question: "Address of the cluster's API server",
        example: "https://api.cluster.example.org:6443",
        default: "https://openshift.default.svc.cluster.local",
        shape: Shape::Url,
    }),
    endpoints: Endpoints::Class(Some("openshift_url")),
    scopes: &["user:info"],
    group_scopes: &[],
    username: Username::Claim("name"),
    other_names: &[],
    groups: Groups::Claim("groups"),
    domains: Domains::None,
    public: false,
    registration: Registration {
        place: "the cluster, as its administrator, with oc",
        steps: &[
            "oc create -f - with an object of kind OAuthClient, apiVersion oauth.openshift.io/v1",
            "metadata.name: an id of your choice, such as jupyterhub",
            "secret: a long random text; grantMethod: auto",
            "redirectURIs: {redirect}",
        ],
        groups: &["the groups are those of the user's object in the cluster; oc get groups lists them"],
        id: "metadata.name",
        secret: "secret",
        remarks: &[
            "a service account can be the client too: id system:serviceaccount:NAMESPACE:NAME, its token as the secret",
        ],
    },
    without_functions: None,
};
