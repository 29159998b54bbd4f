import { type Emulator, type EmulatorOptions, startEmulator } from "./_emulator.ts";
import { createProject, type Project } from "./_project.ts";
import { type Services, startServices } from "./_services.ts";

/** What the tests of a file work on. */
export interface Account {
  emulator: Emulator;
  services: Services;
  project: Project;
  /** Ends the emulator and the services, and removes the project. */
  close(): Promise<void>;
}

/** An emulator with nothing in it, the services that its functions will use, and a project whose commands work on it. */
export async function startAccount(options?: EmulatorOptions): Promise<Account> {
  const emulator = await startEmulator(options);
  const services = await startServices();
  const project = createProject(emulator.env);
  return {
    ...{ emulator, services, project },
    async close() {
      await Promise.all([emulator.stop(), services.close()]);
      project.remove();
    },
  };
}
