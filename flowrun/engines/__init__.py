"""Those who drive a Run to its end. Engines run plans; they have never heard of YAML."""
