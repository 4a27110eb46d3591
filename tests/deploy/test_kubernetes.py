"""The Kubernetes manifests: as the published schemas have them, without privilege, and fitting one another."""

import re
from typing import Any

import kubernetes_validate
import pytest

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


def only(kind: str) -> dict[str, Any]:
    (found,) = [resource for resource in PRODUCTION if resource["kind"] == kind]
    return found


def pods() -> list[dict[str, Any]]:
    return [resource["spec"]["template"]["spec"] for resource in PRODUCTION if "template" in resource.get("spec", {})]


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
    assert only("NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels & job


def test_what_is_named_is_there() -> None:
    deployment, autoscaler = only("Deployment"), only("HorizontalPodAutoscaler")
    assert autoscaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert "replicas" not in deployment["spec"], "the autoscaler's number would be undone by every apply"
    assert autoscaler["spec"]["minReplicas"] > only("PodDisruptionBudget")["spec"]["minAvailable"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert only("Service")["spec"]["ports"][0]["targetPort"] in ports
    assert str(ports["http"]) == container["args"][container["args"].index("--port") + 1]
    for probe, path in (("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
        assert container[probe]["httpGet"] == {"path": path, "port": "http"}
    for pod in pods():
        (running,) = pod["containers"]
        references = [next(iter(source.values()))["name"] for source in running["envFrom"]]
        assert references == [only("ConfigMap")["metadata"]["name"], "practice-deadlines-database"]


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
