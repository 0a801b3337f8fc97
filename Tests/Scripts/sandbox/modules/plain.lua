from_module = "planted"
return { seen = from_script }
