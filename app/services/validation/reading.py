"""Read a request, and salvage the sound part of a faulty one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreConfig, PydanticCustomError, SchemaValidator, core_schema

from app.services.validation.faults import Faults, faults_of
from app.services.validation.models import ABSENT, DROPPING, RequestModel

if TYPE_CHECKING:
    from app.services.snapshot.snapshot import Snapshot

Model = TypeVar("Model", bound=BaseModel)
Request = TypeVar("Request", bound=RequestModel)


def read(
    model: type[Request],
    value: object,
    snapshot: Snapshot | None = None,
    path: str = "",
    *,
    whole: str = "(body)",
) -> Request:
    """Validate a request that does not come through a route: from a file, a batch or the command line.

    `whole` names the request itself in a fault. Raises Problem with every fault of its shape, and those that the domain
    finds in the sound part of it.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = Faults(faults_of(error, model, path, whole))
        if snapshot is not None:
            add_domain_faults(faults, model, value, snapshot, path)
        raise faults.problem() from None


def read_whole(model: type[Request], value: object, snapshot: Snapshot) -> Request:
    """Validate a request as `read` does, and check a sound one by the published records too. Raises Problem likewise.

    For a request that is not resolved to what it names, which finds the same faults.
    """
    request = read(model, value, snapshot)
    faults = Faults()
    request.domain_faults(faults, snapshot)
    faults.raise_any()
    return request


def read_fields(
    model: type[RequestModel], value: object, snapshot: Snapshot | None = None, *, whole: str = "(body)"
) -> dict[str, Any]:
    """Validate a short request as `read` does, and return the fields by name, and those of a model within likewise.

    A field that was not sent may be missing. A request that has some kilobytes at most, as sound ones have, is first
    tried without looking for members that are null or an empty text, and without making models: half the time.
    """
    try:
        fields: dict[str, Any] = _validator_of_fields(model).validate_python(value)
    except ValidationError:
        # The model itself drops what is absent, and says what is wrong. A model within remains one.
        return vars(read(model, value, snapshot, whole=whole))
    return fields


def add_domain_faults(
    faults: Faults, model: type[RequestModel], value: object, snapshot: Snapshot, path: str = ""
) -> None:
    """Add what the domain finds in the sound part of a faulty request, at places where no fault was found yet.

    Of a request whose body is sound, and whose query is not, the value is the body's model.
    """
    domain = Faults()
    sound = value if isinstance(value, model) else salvage(model, value)
    sound.domain_faults(domain, snapshot, path)
    faults.merge(domain)


def salvage(model: type[Model], value: object) -> Model:
    """Return the sound part of a faulty request: each field that is valid by itself, None for every other.

    The result is not validated as a whole: a required field may be None. It is for finding the domain's faults only.
    """
    members = value if isinstance(value, Mapping) else {}
    strict = model.model_config.get("strict")
    sound: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        sent = members.get(field.alias or name)
        sound[name] = None if sent in ABSENT else _sound(_annotation(field), sent, strict)
    made = model.model_construct(**sound)
    if model.model_config.get("extra") != "allow":
        return made
    # Not as arguments, which a caller's names might be those of.
    return made.model_copy(
        update={name: item for name, item in members.items() if name not in sound and item not in ABSENT}
    )


def unchecked(model: type[Model], **fields: Any) -> Model:
    """Return a model with fields that were validated elsewhere; those left out have their default, or are None."""
    missing = {name: None for name, field in model.model_fields.items() if field.is_required()}
    return model.model_construct(**{**missing, **fields})


@cache
def _validator_of_fields(model: type[RequestModel]) -> SchemaValidator:
    """Return a model's own validator less the functions that drop what is absent, the members not sent and the models.

    It refuses an empty text, and a null except where a field may be null. No model read so has a field of any type, or
    one of another name in JSON.
    """
    model.model_rebuild()  # it may not have been used yet
    return SchemaValidator(_strip(model.__pydantic_core_schema__))


def _strip(schema: Any) -> Any:
    """Return a core schema, or a part of one, that validates to fields alone: a model becomes a dictionary."""
    if isinstance(schema, list):
        return [_strip(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "model":
        return {**_strip(schema["schema"]), "config": schema["config"]}
    if kind == "model-fields":
        assert not any("validation_alias" in field for field in schema["fields"].values())
        fields = {name: _strip_field(field["schema"]) for name, field in schema["fields"].items()}
        return core_schema.typed_dict_schema(fields)
    if kind == "function-before" and _drops_absent(schema["function"]["function"]):
        return _strip(schema["schema"])
    if kind == "typed-dict" and schema.get("extra_behavior") == "allow":
        return core_schema.no_info_plain_validator_function(_MembersSent(schema).validate)
    if kind == "str":
        schema = {"min_length": 1, **schema}
    assert kind != "any"
    return {key: _strip(each) for key, each in schema.items()}


def _strip_field(schema: Any) -> core_schema.TypedDictField:
    """Return a field of a model as one of a dictionary: what may be left out is not looked for."""
    if schema.get("default_factory") is NoneType:
        return core_schema.typed_dict_field(_strip(schema["schema"]), required=False)
    return core_schema.typed_dict_field(_strip(schema), required=True)


def _drops_absent(function: Any) -> bool:
    return getattr(function, "__func__", function) in DROPPING


class _MembersSent:
    """Validate the members that were sent of an object whose members are all optional.

    Pydantic looks for every one of 130 facts, which takes longer than all the rest and empties the processor's cache.
    """

    def __init__(self, schema: Any) -> None:
        assert not any(member["required"] for member in schema["fields"].values())
        self._schema = schema
        self._validators: dict[str, Callable[[object], object]] = {}

    def validate(self, value: object) -> dict[str, object]:
        """Return the members validated, in the order sent. Raises ValidationError for the first that is not valid."""
        if type(value) is not dict:
            # Whatever is raised here, the model says what is wrong.
            raise PydanticCustomError("dict_type", "this must be an object")
        validators, read = self._validators, {}
        for key, member in value.items():
            validate = validators.get(key) or self._validator(key)
            read[key] = validate(member)
        return read

    def _validator(self, key: str) -> Callable[[object], object]:
        """Return what validates one member, built when it is first sent; any other member passes as it is."""
        member = self._schema["fields"].get(key)
        if member is None:
            return _unchanged
        config = CoreConfig(strict=self._schema["config"]["strict"])
        validator = self._validators[key] = SchemaValidator(member["schema"], config).validate_python
        return validator


def _unchanged(value: object) -> object:
    if value in ABSENT:
        raise PydanticCustomError("absent", "this is absent")
    return value


def _annotation(field: FieldInfo) -> Any:
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _sound(annotation: Any, value: object, strict: bool | None) -> Any:
    try:
        return _adapter(annotation).validate_python(value, strict=strict)
    except ValidationError as error:
        bare = _bare(annotation)
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            return salvage(bare, value) if isinstance(value, Mapping) else None
        if get_origin(bare) in {list, tuple} and isinstance(value, list):
            return [_sound(get_args(bare)[0], item, strict) for item in value]
        faulty = {item["loc"][0] for item in error.errors() if item["loc"]}
        if isinstance(value, Mapping) and faulty and faulty <= value.keys():
            return _sound(annotation, {key: item for key, item in value.items() if key not in faulty}, strict)
        return None


def _bare(annotation: Any) -> Any:
    """Return the type itself, without Annotated and without None."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in {Union, UnionType}:
        rest = [inner for inner in get_args(annotation) if inner is not NoneType]
        return _bare(rest[0]) if len(rest) == 1 else annotation
    return annotation


@lru_cache(maxsize=512)
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)
