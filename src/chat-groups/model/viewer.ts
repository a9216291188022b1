import { ID, ObjectType } from '@nestjs/graphql';
import { ApiOutputField } from '../../openapi/api-field.js';
import type { Principal } from '../../tenancy/principal.js';

@ObjectType({ description: 'A space that the caller can access.' })
export class CustSpace {
  @ApiOutputField(() => ID, { description: 'Space ID as assigned by CAMS.', example: 'cams-acme' })
  custSpaceId!: string;

  @ApiOutputField(() => [String], {
    description: 'Business numbers that the caller can access; null means every number of the space.',
    nullable: true,
  })
  businessNumbers!: string[] | null;
}

@ObjectType({ description: 'The caller, and what its credentials can access.' })
export class Viewer {
  @ApiOutputField(() => ID, { description: 'Tenant ID.', example: 'acme' })
  tenantId!: string;

  @ApiOutputField(() => String, { description: 'Tenant name.', example: 'Acme Travel' })
  tenantName!: string;

  @ApiOutputField(() => [String], {
    description: 'Permissions of the credentials.',
    example: ['groups:read'],
  })
  permissions!: string[];

  @ApiOutputField(() => [CustSpace], { description: 'Spaces that the caller can access.' })
  spaces!: CustSpace[];
}

export function toViewer({ tenant, permissions, spaces }: Principal): Viewer {
  return {
    tenantId: tenant.id,
    tenantName: tenant.name,
    permissions: [...permissions],
    spaces: [...spaces].map(([custSpaceId, numbers]) => ({
      custSpaceId,
      businessNumbers: numbers === null ? null : [...numbers],
    })),
  };
}
