/**
 * `secret("name", key: "key")` as a SecretKeyRef. Never a value.
 *
 * @module
 */
import type { SecretRef } from "../../catalogue/secret.ts"
import type { Located } from "../../source/source.ts"
import type { Context } from "./context.ts"
import { isConfigKey, isDnsSubdomain } from "./crd/metadata.ts"
import { field, type Mapping, mapping } from "./manifest.ts"

export const secretRef = (secret: Located<SecretRef>, { report }: Context): Mapping => {
  const { name, key } = secret.value
  if (!isDnsSubdomain(name)) report("AF0821", secret.span, { part: "name", text: name })
  if (!isConfigKey(key)) report("AF0821", secret.span, { part: "key", text: key })
  return mapping(field("name", name), field("key", key))
}
