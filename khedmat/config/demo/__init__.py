"""Demonstration data: synthetic, seeded, made through the same actions that offices use."""

from khedmat.config.demo.seeding import seed
from khedmat.config.demo.staff import CastMember, cast

__all__ = ["CastMember", "cast", "seed"]
