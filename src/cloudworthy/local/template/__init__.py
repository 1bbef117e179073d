"""Reading synthesized CloudFormation: assemblies, intrinsics, conditions, the resource graph."""
