/** A user with its organization, as WSO2 has it in keys: `mary@carbon.super`. */
export function qualifiedUser(user: string, organization: string): string {
  const suffix = `@${organization}`;
  return user.endsWith(suffix) ? user : user + suffix;
}
