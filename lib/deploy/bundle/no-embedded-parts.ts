throw new Error(
  "The embedded parts are in no package for Lambda. Configure the services, or run the functions from their sources in " +
    "a container image.",
);
