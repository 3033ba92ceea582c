/** Every step of a run of `certrelay apply` that brings new files and settings to a server that runs. */
export const applySteps = [
  ...['stage', 'build', 'ask-new', 'back-up', 'place', 'label', 'edit', 'compare'],
  ...['check', 'query', 'judge', 'reload', 'greet', 'record'],
] as const;
