"""The Kubernetes manifests: as the published schemas have them, without privilege, and fitting one another."""

import ipaddress
import re
from typing import Any

import kubernetes_validate
import pytest

from app.api.rate_limits import Rates
from app.settings import Settings
from tests.deploy.kustomize import build
from tests.house.files import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
KINDS = {
    *("ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Job", "NetworkPolicy", "PodDisruptionBudget"),
    *("Service", "ServiceAccount"),
}
BASE = build(FOLDER / "base")
PRODUCTION = build(FOLDER / "overlays" / "production")
# The oldest release that is still looked after, and the newest whose schemas are at hand.
RELEASES = ("1.34", "1.37")
NAMED = [(resource["kind"], resource) for resource in PRODUCTION]
IMAGE = re.search(r"(?m)^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"))


NAME = "practice-deadlines"


def only(kind: str, name: str = "") -> dict[str, Any]:
    named = [resource for resource in PRODUCTION if resource["kind"] == kind]
    (found,) = [one for one in named if len(named) == 1 or one["metadata"]["name"] == (name or NAME)]
    return found


def pods() -> list[dict[str, Any]]:
    return [
        resource["spec"]["template"]["spec"]
        for resource in PRODUCTION
        if "template" in resource.get("spec", {}) and resource["metadata"]["name"].removesuffix("-load") == NAME
    ]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("resource", [*BASE, *PRODUCTION], ids=lambda resource: resource["kind"])
def test_each_is_as_the_published_schema_has_it(resource: dict[str, Any], release: str) -> None:
    kubernetes_validate.validate(resource, release, strict=True)


def test_the_schema_is_strict() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({**only("Service"), "spec": {"prots": []}}, RELEASES[-1], strict=True)


def test_all_kinds_are_there() -> None:
    assert {resource["kind"] for resource in BASE} == KINDS
    assert {resource["kind"] for resource in PRODUCTION} == {*KINDS, "Namespace"}


def test_every_container_runs_without_privilege_on_a_file_system_it_cannot_write() -> None:
    assert len(pods()) == 2
    rates = only("Deployment", f"{NAME}-rates")["spec"]["template"]["spec"]
    assert rates["securityContext"]["runAsNonRoot"] is True
    assert rates["containers"][0]["securityContext"] == pods()[0]["containers"][0]["securityContext"]
    assert rates["containers"][0]["image"].startswith("docker.io/valkey/valkey:")
    for pod in pods():
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert IMAGE is not None
        assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]) == tuple(
            map(int, IMAGE.groups())
        )
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]
            assert container["image"].startswith("registry.example.org/practice-deadlines:")
    namespace = only("Namespace")["metadata"]["labels"]
    assert namespace["pod-security.kubernetes.io/enforce"] == "restricted"


def test_selectors_find_the_service_s_pods_and_not_the_job_s() -> None:
    labels = only("Deployment")["spec"]["template"]["metadata"]["labels"].items()
    job = only("Job")["spec"]["template"]["metadata"]["labels"].items()
    for selector in (
        only("Service")["spec"]["selector"],
        only("Deployment")["spec"]["selector"]["matchLabels"],
        only("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels
        assert not selector.items() <= job
    assert only("NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels
    assert only("NetworkPolicy", f"{NAME}-load")["spec"]["podSelector"]["matchLabels"].items() <= job


def test_what_is_named_is_there() -> None:
    deployment, autoscaler = only("Deployment"), only("HorizontalPodAutoscaler")
    assert autoscaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert "replicas" not in deployment["spec"], "the autoscaler's number would be undone by every apply"
    assert autoscaler["spec"]["minReplicas"] > only("PodDisruptionBudget")["spec"]["minAvailable"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert only("Service")["spec"]["ports"][0]["targetPort"] in ports
    assert ports == {"http": 8000, "metrics": int(only("ConfigMap")["data"]["DEADLINES_METRICS_PORT"])}
    assert "args" not in container, "the image's command serves at PORT, which is 8000"
    assert [port["name"] for port in only("Service")["spec"]["ports"]] == ["http"], "the metrics are not behind it"
    for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        assert container[probe]["httpGet"] == {"path": path, "port": "http"}
    secrets = []
    for pod in pods():
        (running,) = pod["containers"]
        references = [next(iter(source.values()))["name"] for source in running["envFrom"]]
        assert references[0] == only("ConfigMap")["metadata"]["name"]
        secrets += references[1:]
    assert sorted(secrets) == ["practice-deadlines-database", "practice-deadlines-owner"], "a role for each"


def test_settings_are_settings_and_no_secret_is_among_them() -> None:
    data = only("ConfigMap")["data"]
    names = {f"DEADLINES_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in data if name.startswith("DEADLINES_")} <= names
    assert "DEADLINES_DATABASE_URL" not in data
    values = {name.removeprefix("DEADLINES_").lower(): value for name, value in data.items() if name in names}
    assert Settings.model_validate(values)


def test_there_is_time_to_drain() -> None:
    seconds = float(only("ConfigMap")["data"]["DEADLINES_DRAIN_SECONDS"])
    assert only("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= seconds + 30


def test_in_production_a_key_is_needed_rates_are_shared_and_the_ingress_is_trusted() -> None:
    data = only("ConfigMap")["data"]
    assert data["DEADLINES_REQUIRE_KEY"] == data["DEADLINES_TWO_PAIRS_OF_EYES"] == "true"
    rates = only("Service", f"{NAME}-rates")
    port = rates["spec"]["ports"][0]["port"]
    assert data["DEADLINES_RATE_LIMIT_STORAGE"] == f"redis://{rates['metadata']['name']}:{port}/0"
    assert data["DEADLINES_RATE_LIMIT"]
    for network in data["FORWARDED_ALLOW_IPS"].split(","):
        assert ipaddress.ip_network(network).prefixlen > 0, "not everybody"
    settings = Settings.model_validate({"rate_limit": data["DEADLINES_RATE_LIMIT"]})
    assert Rates(settings).limited


def test_no_policy_lets_anything_in_or_out_that_is_not_named() -> None:
    policies = [resource for resource in [*BASE, *PRODUCTION] if resource["kind"] == "NetworkPolicy"]
    assert len(policies) == 5
    for policy in policies:
        spec = policy["spec"]
        assert sorted(spec["policyTypes"]) == ["Egress", "Ingress"]
        for rule in spec.get("ingress", []):
            assert rule["ports"]
            assert rule["from"], "a rule without a source is for everybody"
        for rule in spec.get("egress", []):
            assert rule["ports"]
            assert rule["to"], "a rule without a target is for everywhere"
            for target in rule["to"]:
                assert ipaddress.ip_network(target.get("ipBlock", {}).get("cidr", "192.0.2.0/24")).prefixlen >= 24
    service = only("NetworkPolicy")["spec"]
    reached = {port["port"]: rule["from"] for rule in service["ingress"] for port in rule["ports"]}
    assert set(reached) == {8000, 9000}
    assert reached[8000] != reached[9000]


def test_selectors_of_the_rates_find_its_pods_alone() -> None:
    labels = only("Deployment", f"{NAME}-rates")["spec"]["template"]["metadata"]["labels"].items()
    for selector in (
        only("Service", f"{NAME}-rates")["spec"]["selector"],
        only("Deployment", f"{NAME}-rates")["spec"]["selector"]["matchLabels"],
        only("NetworkPolicy", f"{NAME}-rates")["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels
        assert not selector.items() <= only("Deployment")["spec"]["template"]["metadata"]["labels"].items()
    for selector in (only("Service")["spec"]["selector"], only("Deployment")["spec"]["selector"]["matchLabels"]):
        assert not selector.items() <= labels
