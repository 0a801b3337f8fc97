return "nested/init"
