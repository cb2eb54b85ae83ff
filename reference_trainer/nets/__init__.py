"""Actor and critic, with the parameters of many independent copies stacked."""
