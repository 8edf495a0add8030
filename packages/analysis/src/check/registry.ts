import type { Check, CheckFamily } from './check.ts'
import { ATTRIBUTE_CHECKS } from './check-attributes.ts'
import { CATEGORY_CHECKS } from './check-categories.ts'
import { GEOMETRY_CHECKS } from './check-geometry.ts'
import { IDENTITY_CHECKS } from './check-identity.ts'
import { ITEM_CHECKS } from './check-items.ts'
import { LEAK_CHECKS } from './check-leaks.ts'
import { MASK_CHECKS } from './check-masks.ts'
import { MEDIA_CHECKS } from './check-media.ts'
import { POINT_CHECKS } from './check-points.ts'
import { SIZE_CHECKS } from './check-sizes.ts'
import { TEXT_CHECKS } from './check-texts.ts'

/** All checks, in the order in which findings are listed. */
export const CHECK_FAMILIES: readonly CheckFamily[] = [
  ITEM_CHECKS,
  MEDIA_CHECKS,
  LEAK_CHECKS,
  CATEGORY_CHECKS,
  ATTRIBUTE_CHECKS,
  GEOMETRY_CHECKS,
  MASK_CHECKS,
  POINT_CHECKS,
  IDENTITY_CHECKS,
  SIZE_CHECKS,
  TEXT_CHECKS,
]

/** The same, without families. */
export const CHECKS: readonly Check[] = CHECK_FAMILIES.flatMap(({ checks }) => checks)
