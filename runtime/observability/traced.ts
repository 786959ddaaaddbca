/**
 * Whether anybody looks at spans. Making one for each stage of each request costs, so without a collector none is made.
 *
 * @module
 */
import { Context } from "effect"

export const Traced = Context.Reference<boolean>("authflow/runtime/Traced", { defaultValue: () => false })
