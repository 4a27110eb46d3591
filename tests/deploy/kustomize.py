"""What Kustomize makes of a folder, for the few features that our files use; any other is an error."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

Resource = dict[str, Any]
KNOWN = {"apiVersion", "kind", "resources", "labels", "namespace", "images", "patches"}
CLUSTER_WIDE = {"Namespace"}


def build(folder: Path) -> list[Resource]:
    """The resources of a kustomization, its labels, namespace, images and patches put in."""
    said = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))
    assert set(said) <= KNOWN, f"{folder}: {set(said) - KNOWN} is not known here"
    resources: list[Resource] = []
    for name in said["resources"]:
        path = (folder / name).resolve()
        resources += build(path) if path.is_dir() else list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    here = {path.name for path in folder.glob("*.yaml")} - {"kustomization.yaml"}
    assert here == {name for name in said["resources"] if name.endswith(".yaml")}, f"{folder}: a file is not listed"
    resources = deepcopy(resources)
    for patch in said.get("patches", []):
        _patch(resources, patch)
    for resource in resources:
        if "namespace" in said and resource["kind"] not in CLUSTER_WIDE:
            resource["metadata"]["namespace"] = said["namespace"]
        for labels in said.get("labels", []):
            _label(resource, labels)
        for image in said.get("images", []):
            for container in _containers(resource):
                if container["image"] == image["name"]:
                    container["image"] = f"{image['newName']}:{image['newTag']}"
    return resources


def _patch(resources: list[Resource], patch: Resource) -> None:
    target = patch["target"]
    found = [one for one in resources if one["kind"] == target["kind"] and one["metadata"]["name"] == target["name"]]
    assert len(found) == 1, f"{target} names {len(found)} resources"
    for step in yaml.safe_load(patch["patch"]):
        *way, last = step["path"].removeprefix("/").split("/")
        place: Any = found[0]
        for part in way:
            place = place[int(part) if isinstance(place, list) else part]
        if last == "-":
            assert step["op"] == "add", step
            place.append(step["value"])
        else:
            assert step["op"] == "add" or (step["op"] == "replace" and last in place), step
            place[last] = step["value"]


def _label(resource: Resource, labels: Resource) -> None:
    pairs = labels["pairs"]
    resource["metadata"].setdefault("labels", {}).update(pairs)
    spec = resource.get("spec", {})
    if labels.get("includeTemplates") and "template" in spec:
        spec["template"]["metadata"].setdefault("labels", {}).update(pairs)
    if labels.get("includeSelectors"):
        kind = resource["kind"]
        if kind == "Service":
            spec["selector"].update(pairs)
        elif kind in {"Deployment", "PodDisruptionBudget"}:
            spec["selector"]["matchLabels"].update(pairs)
        elif kind == "NetworkPolicy":
            spec["podSelector"].setdefault("matchLabels", {}).update(pairs)


def _containers(resource: Resource) -> list[Resource]:
    return resource.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])
