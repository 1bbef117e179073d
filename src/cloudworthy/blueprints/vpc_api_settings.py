"""Settings of vpc-api."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

from cloudworthy.blueprints.capacity_settings import read_capacity
from cloudworthy.blueprints.domain_settings import read_domain_name
from cloudworthy.constructs.api_domain import ApiDomainProps
from cloudworthy.constructs.jwt import JwtSettings, read_jwt_settings
from cloudworthy.constructs.network import Egress
from cloudworthy.constructs.prefix_lists import DYNAMODB_PREFIX_LISTS
from cloudworthy.constructs.rest_authorizers import RestAuth
from cloudworthy.constructs.settings import SettingsReader
from cloudworthy.constructs.system import SystemDefaults, SystemSettings, read_system_settings
from cloudworthy.constructs.table import Scaling

SYSTEM: Final = "vpc-api"

_CIDR = r"(\d{1,3}\.){3}\d{1,3}/\d{1,2}"
_BLOCKS: Final = range(16, 23)  # 16 is the largest block of a VPC; 22 holds four /24 subnets


@dataclass(frozen=True)
class VpcApiSettings:
    """What can be chosen about vpc-api."""

    common: SystemSettings
    auth: RestAuth
    jwt: JwtSettings | None
    capacity: Scaling
    egress: Egress
    vpc_cidr: str
    dynamodb_prefix_list: str
    https_destinations: tuple[str, ...]
    domain: ApiDomainProps | None

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> "VpcApiSettings":
        """Read and check the settings.

        Raises
        ------
        SettingError
            A setting is not allowed; the message names it, what was given and what is allowed.
        """
        reader = SettingsReader(SYSTEM, context)
        common = read_system_settings(reader, SYSTEM, SystemDefaults(region="us-west-2"))
        auth = reader.choice("auth", RestAuth.API_KEY)
        settings = cls(
            common=common,
            auth=auth,
            jwt=read_jwt_settings(reader, wanted=auth is RestAuth.JWT),
            capacity=read_capacity(reader, most=50),
            egress=reader.choice("egress", Egress.NAT_PER_AZ),
            vpc_cidr=_read_cidr(reader),
            dynamodb_prefix_list=_read_prefix_list(reader, common.region),
            https_destinations=_read_destinations(reader),
            domain=_read_domain(reader),
        )
        reader.finish()
        return settings


def _read_cidr(reader: SettingsReader) -> str:
    expected = "a network of /16 to /22 such as 10.0.0.0/16"
    cidr = reader.text("vpc_cidr", "10.0.0.0/16", pattern=_CIDR, expected=expected)
    network = _network(cidr)
    if network is None or network.prefixlen not in _BLOCKS:
        raise reader.error("vpc_cidr", cidr, expected)
    return cidr


def _read_destinations(reader: SettingsReader) -> tuple[str, ...]:
    expected = "networks such as 203.0.113.0/24"
    given = reader.texts("https_destinations", (), pattern=_CIDR, expected=expected)
    if any(_network(cidr) is None for cidr in given):
        raise reader.error("https_destinations", ",".join(given), f"a list of {expected}")
    return given


def _network(cidr: str) -> IPv4Network | None:
    try:
        return IPv4Network(cidr)
    except ValueError:
        return None


def _read_prefix_list(reader: SettingsReader, region: str) -> str:
    known = DYNAMODB_PREFIX_LISTS.get(region)
    expected = f"the id of the prefix list com.amazonaws.{region}.dynamodb, such as pl-00a54069"
    given = reader.optional_text(
        "dynamodb_prefix_list", pattern=r"pl-[0-9a-f]{8,17}", expected=expected
    )
    if given or known:
        return given or str(known)
    raise reader.error(
        "dynamodb_prefix_list",
        None,
        f"{expected} (aws ec2 describe-managed-prefix-lists lists it), as the region is {region}",
    )


def _read_domain(reader: SettingsReader) -> ApiDomainProps | None:
    name = read_domain_name(reader, "domain_name", example="api.example.org")
    zone = read_domain_name(reader, "hosted_zone", example="example.org")
    zone_id = reader.optional_text(
        "hosted_zone_id", pattern=r"Z[A-Z0-9]{1,31}", expected="the id of a hosted zone"
    )
    if not name and not zone and not zone_id:
        return None
    if not name:
        raise reader.error("domain_name", None, "a name, as a hosted zone is set")
    if not zone:
        raise reader.error("hosted_zone", None, "the zone's name, as domain_name is set")
    if not zone_id:
        raise reader.error("hosted_zone_id", None, "the id of hosted_zone, as domain_name is set")
    if name != zone and not name.endswith(f".{zone}"):
        raise reader.error("domain_name", name, f"a name in {zone}")
    return ApiDomainProps(domain_name=name, hosted_zone=zone, hosted_zone_id=zone_id)
