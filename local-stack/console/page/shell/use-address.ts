import { useEffect, useState } from "preact/hooks";
import { type Address, readAddress } from "./address.ts";

/** The current address; renders again when it changes. */
export function useAddress(): Address {
  const [address, setAddress] = useState(() => readAddress(location.hash));
  useEffect(() => {
    const update = () => setAddress(readAddress(location.hash));
    addEventListener("hashchange", update);
    return () => removeEventListener("hashchange", update);
  }, []);
  return address;
}
