"""What a type of resource is to the runtime, and how one of them is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from cloudworthy.local.model.arns import partition_of
from cloudworthy.local.model.errors import UnsupportedError
from cloudworthy.local.model.resources import (
    Asset,
    ProvisionedResource,
    TemplateResource,
    TemplateValue,
)
from cloudworthy.local.provision.engines import Engines
from cloudworthy.local.provision.names import ALPHANUMERIC, physical_name, token
from cloudworthy.local.provision.stack_functions import StackFunctions


@dataclass(frozen=True, slots=True)
class Site:
    """Where the resources of a stack are made."""

    stack_name: str
    account: str
    region: str
    engines: Engines
    assets: Mapping[str, Asset] = field(default_factory=dict)
    functions: StackFunctions | None = None
    """Functions that custom resources call; None where none can run."""

    def arn(
        self, service: str, resource: str, *, region: str | None = None, account: str | None = None
    ) -> str:
        """An ARN in the stack's partition; an empty region or account stays empty."""
        where = self.region if region is None else region
        owner = self.account if account is None else account
        return f"arn:{partition_of(self.region)}:{service}:{where}:{owner}:{resource}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource as the template asks for it, resolved.

    ``generation`` counts the resources that a logical id has had: a replacement is another
    resource and gets another name.
    """

    logical_id: str
    type: str
    properties: Mapping[str, TemplateValue]
    site: Site
    generation: int = 0
    neighbours: Iterable[ProvisionedResource] = ()
    """Every resource of the stack that exists, replaced and retained ones included."""

    def text(self, name: str, default: str = "") -> str:
        return str(self.properties.get(name, default))

    def token(self, length: int, alphabet: str = ALPHANUMERIC, *, purpose: str = "") -> str:
        """Letters that follow from the stack and the logical id: the same in every run."""
        return token(*self._identity(), purpose, length=length, alphabet=alphabet)

    def name(self, property_name: str, *, longest: int, lower: bool = False) -> str:
        """The name the template gives, or one like CloudFormation's."""
        given = self.properties.get(property_name)
        if given:
            return str(given)
        suffix = self.token(12)
        return physical_name(
            self.site.stack_name, self.logical_id, suffix, longest=longest, lower=lower
        )

    def unsupported(self, property_path: str, found: str, supported: str) -> UnsupportedError:
        return UnsupportedError(
            f"{self.type}.{property_path}", self.logical_id, found=found, supported=supported
        )

    def _identity(self) -> tuple[str, ...]:
        site = self.site
        return site.account, site.region, site.stack_name, self.logical_id, str(self.generation)


@dataclass(frozen=True, slots=True)
class Made:
    """What came of making or changing a resource."""

    physical_id: str
    attributes: Mapping[str, TemplateValue] = field(default_factory=dict)
    data: Mapping[str, TemplateValue] = field(default_factory=dict)


def words(text: str) -> frozenset[str]:
    """A set of names written with spaces between them."""
    return frozenset(text.split())


class ResourceType:
    """A CloudFormation type that the runtime knows.

    Parameters
    ----------
    name
        ``AWS::S3::Bucket``.
    honoured
        Properties that have their effect locally, names with spaces between them.
    inert
        Properties that have no effect on one machine and are accepted.
    replaced_by
        Properties whose change makes CloudFormation replace the resource.
    keeps_data
        What is lost when the resource is deleted; empty when nothing is.
    declared_only
        The whole resource has no local effect.
    """

    in_engine = False
    """Whether making it calls an engine; otherwise it only exists in the state."""

    def __init__(
        self,
        name: str,
        *,
        honoured: str = "",
        inert: str = "",
        replaced_by: str = "",
        keeps_data: str = "",
        declared_only: bool = False,
    ) -> None:
        self.name = name
        self.honoured = words(honoured)
        self.inert = words(inert)
        self.replaced_by = words(replaced_by)
        self.keeps_data = keeps_data
        self.declared_only = declared_only

    def check_names(self, resource: TemplateResource) -> None:
        """Refuse properties that the type does not know, before anything is resolved."""
        unknown = set(resource.properties) - self.honoured - self.inert
        if unknown:
            name = min(unknown)
            raise UnsupportedError(
                f"{self.name}.{name}",
                resource.logical_id,
                found=f"the property {name}",
                supported=f"one of {', '.join(sorted(self.honoured | self.inert))}",
            )

    def check(self, wanted: Wanted) -> None:
        """Refuse values that would change behaviour and are not emulated."""

    def replacing(
        self, old: Mapping[str, TemplateValue], new: Mapping[str, TemplateValue]
    ) -> frozenset[str]:
        """The changed properties that call for a new resource."""
        return frozenset(name for name in self.replaced_by if old.get(name) != new.get(name))

    def provisional_id(self, wanted: Wanted) -> str:
        """The physical id, or what finds the resource again until its id is known."""
        raise NotImplementedError

    def create(self, wanted: Wanted) -> Made:
        """Make the resource, or bring one that a killed run began into the wanted state."""
        raise NotImplementedError

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        """Change the resource in place; may be repeated after a killed run."""
        raise NotImplementedError

    def delete(self, existing: ProvisionedResource, site: Site) -> None:
        """Remove the resource and what it holds; that it is gone already is no error."""


Identify = Callable[[Wanted], str]
Describe = Callable[[Wanted, str], Mapping[str, TemplateValue]]


def _no_attributes(_wanted: Wanted, _physical_id: str) -> Mapping[str, TemplateValue]:
    return {}


class Recorded(ResourceType):
    """A type that the data planes read from the deployment: there is no engine to call.

    Parameters
    ----------
    identify
        Gives the physical id (``Ref``).
    attributes
        Gives what ``Fn::GetAtt`` answers, from the physical id.
    """

    def __init__(
        self,
        name: str,
        *,
        identify: Identify,
        attributes: Describe = _no_attributes,
        honoured: str = "",
        inert: str = "",
        replaced_by: str = "",
        keeps_data: str = "",
        declared_only: bool = False,
    ) -> None:
        super().__init__(
            name,
            honoured=honoured,
            inert=inert,
            replaced_by=replaced_by,
            keeps_data=keeps_data,
            declared_only=declared_only,
        )
        self._identify = identify
        self._attributes = attributes

    def provisional_id(self, wanted: Wanted) -> str:
        return self._identify(wanted)

    def create(self, wanted: Wanted) -> Made:
        physical_id = self._identify(wanted)
        return Made(physical_id, self._attributes(wanted, physical_id))

    def update(self, wanted: Wanted, existing: ProvisionedResource) -> Made:
        attributes = self._attributes(wanted, existing.physical_id)
        return Made(existing.physical_id, attributes, existing.data)


def same_as(attribute: str) -> Describe:
    """An attribute that repeats the physical id."""
    return lambda _wanted, physical_id: {attribute: physical_id}
